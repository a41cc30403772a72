//! A body that ends early never passes for a whole one, whether or not the connection says so.

use super::super::Answer;
use super::play::Stage;

pub(super) fn check(stage: &Stage<'_>) -> Result<(), String> {
    for script in &stage.provider.scripts {
        for (at, (_, answer)) in script.exchanges.iter().enumerate() {
            for cut in cuts(answer) {
                let body = &answer.body;
                let mut short = answer.clone();
                short.body.truncate(cut);
                let by = format!("the first {cut} of {} bytes", body.len());
                for (short, by) in [
                    (
                        short.clone().broken_off(),
                        format!("{by} and a broken connection"),
                    ),
                    (short, by),
                ] {
                    let script = script.answered(at, short, &by);
                    if stage.play(&script)?.outcome.is_ok() {
                        return Err(format!(
                            "{script} took half an answer for a whole one: read it to its end with \
                             `Response::json`, `JsonReader` and its `end`, or `LineReader`"
                        ));
                    }
                }
            }
        }
    }
    Ok(())
}

/// Places inside the body, the last one just before its end. After a whole line nobody could tell
/// that more should follow.
fn cuts(answer: &Answer) -> Vec<usize> {
    if !answer.is_success() {
        return Vec::new();
    }
    let length = answer.body.trim_ascii_end().len();
    let mut cuts = vec![
        length / 4,
        length / 2,
        length * 3 / 4,
        length.saturating_sub(1),
    ];
    cuts.retain(|&cut| cut > 0 && answer.body[cut - 1] != b'\n');
    cuts.dedup();
    cuts
}
