//! `reissue run SCHEDULE`

use std::process::ExitCode;

use chrono::{DateTime, Utc};

use super::ask::How;
use super::batch;
use super::print::{self, say};
use crate::admin::request::RunRequest;
use crate::admin::view::{InputView, RunView};
use crate::failure::Failure;
use crate::wording::counted;

pub(super) async fn run(
    how: &How,
    schedule: String,
    since: Option<DateTime<Utc>>,
    wait: bool,
) -> Result<ExitCode, Failure> {
    let client = how.daemon(&how.load()?).await?;
    let request = RunRequest {
        schedule,
        since,
        wait,
    };
    let view: RunView = client.post("/v1/run", &request).await?;
    let left_out = view
        .input
        .as_ref()
        .is_some_and(|it| !it.left_out.is_empty());
    let code = match view.fault.is_some() || left_out {
        true => ExitCode::FAILURE,
        false => ExitCode::SUCCESS,
    };
    if how.json {
        print::json(&view)?;
        return Ok(code);
    }
    match (&view.fault, view.served) {
        (Some(fault), _) => say!(
            "{} failed and will be tried again: {}",
            view.schedule,
            fault.message
        ),
        (None, true) => {
            match &view.input {
                Some(input) => show_input(&view.schedule, input),
                None => say!(
                    "{}: the provider shows {}",
                    view.schedule,
                    counted(view.listed, "batch")
                ),
            }
            batch::show_list(&view.batches);
        }
        (None, false) => say!("{} runs; `reissue status` shows how it goes", view.schedule),
    }
    Ok(code)
}

fn show_input(schedule: &str, input: &InputView) {
    say!("{schedule}: {} read", counted(input.cards, "valid card"));
    for (path, rows) in &input.rejects {
        let rows = counted(*rows, "row");
        say!(
            "  {rows} rejected, each with its reason: {}",
            path.display()
        );
    }
    for file in &input.left_out {
        say!("  {} is not read: {}", file.path.display(), file.why);
    }
}
