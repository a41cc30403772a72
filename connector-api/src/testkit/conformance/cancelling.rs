//! When the daemon stops, a call ends: at whatever loan it is told.

use super::play::Stage;

pub(super) fn check(stage: &Stage<'_>) -> Result<(), String> {
    for script in &stage.provider.scripts {
        let loans = stage.play(script)?.loans;
        for after in 0..loans {
            let mut stopped = script.clone();
            stopped.cancelled_after = Some(after);
            stopped.how = format!(", when the daemon stops after {after} loans,");
            let played = stage.play(&stopped)?;
            // It may look once more, and clean up; it may not try to go on.
            if played.loans > after + TRIES {
                return Err(format!(
                    "{stopped} tried {} more: pass on the first fault of `http`, reading and \
                     `emit` with `?`",
                    played.loans - after
                ));
            }
        }
    }
    Ok(())
}

const TRIES: usize = 3;
