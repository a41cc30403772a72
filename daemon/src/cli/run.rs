//! `reissue run SCHEDULE`

use std::process::ExitCode;

use chrono::{DateTime, Utc};

use super::ask::How;
use super::print::say;
use super::{batch, print};
use crate::admin::request::RunRequest;
use crate::admin::view::RunView;
use crate::failure::Failure;

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
    let code = match &view.fault {
        Some(_) => ExitCode::FAILURE,
        None => ExitCode::SUCCESS,
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
            say!(
                "{}: the provider shows {} batches",
                view.schedule,
                view.listed
            );
            batch::show_list(&view.batches);
        }
        (None, false) => say!("{} runs; `reissue status` shows how it goes", view.schedule),
    }
    Ok(code)
}
