//! What was measured, beside what it should be.

use anyhow::Result;
use serde::Serialize;

/// One measured figure.
#[derive(Serialize)]
pub(super) struct Figure {
    /// What it says.
    pub(super) what: String,
    /// The median, where there were several runs.
    pub(super) value: f64,
    /// Of what.
    pub(super) unit: &'static str,
    /// The target, where there is one.
    pub(super) at_most: Option<f64>,
}

impl Figure {
    /// A figure without a target.
    pub(super) fn new(what: impl Into<String>, value: f64, unit: &'static str) -> Self {
        Self {
            what: what.into(),
            value,
            unit,
            at_most: None,
        }
    }

    /// With its target.
    pub(super) fn at_most(mut self, most: f64) -> Self {
        self.at_most = Some(most);
        self
    }
}

/// The middle one.
pub(super) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// As a table, or as one JSON document.
pub(super) fn print(figures: &[Figure], json: bool) -> Result<()> {
    if json {
        println!("{}", serde_json::to_string_pretty(figures)?);
        return Ok(());
    }
    let width = figures
        .iter()
        .map(|figure| figure.what.chars().count())
        .max();
    let width = width.unwrap_or_default();
    println!();
    for Figure {
        what,
        value,
        unit,
        at_most,
    } in figures
    {
        let measured = format!("{value:.2} {unit}");
        let target = match at_most {
            Some(most) if value > most => format!("at most {most}: MISSED"),
            Some(most) => format!("at most {most}"),
            None => String::new(),
        };
        println!("{what:<width$}  {measured:>18}  {target}");
    }
    Ok(())
}
