//! A body that ends early never passes for a whole one, whether or not the connection says so.

use super::super::Answer;
use super::play::Stage;
use super::provider::Script;

pub(super) fn check(stage: &Stage<'_>) -> Result<(), String> {
    for script in &stage.provider.scripts {
        for (at, (line, answer)) in script.exchanges.iter().enumerate() {
            if answer.is_success()
                && !stage.documents(line, |answer| answer.is_success() && answer.body.is_empty())
            {
                half(
                    stage,
                    &script.answered(at, short(answer, 0), "an empty body"),
                )?;
            }
            for cut in cuts(answer) {
                let by = format!("the first {cut} of {} bytes", answer.body.len());
                half(stage, &script.answered(at, short(answer, cut), &by))?;
                let by = format!("{by} and a broken connection");
                let broken = short(answer, cut).broken_off();
                half(stage, &script.answered(at, broken, &by))?;
            }
        }
    }
    Ok(())
}

fn half(stage: &Stage<'_>, script: &Script) -> Result<(), String> {
    if stage.play(script)?.outcome.is_err() {
        return Ok(());
    }
    Err(format!(
        "{script} took half an answer for a whole one: read it to its end (`Response::json`, \
         `JsonReader` and its `end`, `LineReader`, `xml::read`), and take an empty one only where the \
         provider counts no records"
    ))
}

fn short(answer: &Answer, cut: usize) -> Answer {
    let mut short = answer.clone();
    short.body.truncate(cut);
    short
}

/// Places inside the body, the last one just before its end. After a whole line nobody could tell
/// that more should follow.
fn cuts(answer: &Answer) -> Vec<usize> {
    let length = answer.body.trim_ascii_end().len();
    let mut cuts = vec![
        length / 4,
        length / 2,
        length * 3 / 4,
        length.saturating_sub(1),
    ];
    cuts.retain(|&cut| answer.is_success() && cut > 0 && answer.body[cut - 1] != b'\n');
    cuts.dedup();
    cuts
}
