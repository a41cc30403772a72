//! `reissue enrol ACCOUNT`. Its exit code tells a script whether a person has something to do.

use std::process::ExitCode;

use reissue_connector_api::{Kind, Signatory};

use super::ask::How;
use super::print;
use super::print::say;
use crate::admin::request::EnrolRequest;
use crate::admin::view::EnrolView;
use crate::failure::{Failure, exit};

/// Whether somebody accepts the terms, and who.
#[derive(Debug, clap::Args)]
pub(super) struct Terms {
    /// Somebody who may sign for the business accepts the provider's terms.
    #[arg(long, requires_all = ["name", "title"])]
    accept_terms: bool,
    /// Their name.
    #[arg(long, requires = "accept_terms", value_parser = said)]
    name: Option<String>,
    /// Their title in the business.
    #[arg(long, requires = "accept_terms", value_parser = said)]
    title: Option<String>,
}

pub(super) async fn run(
    how: &How,
    account: String,
    terms: Terms,
    settled: bool,
    rotate_webhook: bool,
) -> Result<ExitCode, Failure> {
    let client = how.daemon(&how.load()?).await?;
    let request = EnrolRequest {
        account,
        signatory: terms
            .name
            .zip(terms.title)
            .map(|(name, title)| Signatory { name, title }),
        settled,
        rotate_webhook,
    };
    let view: EnrolView = client.post("/v1/enrol", &request).await?;
    let code = code(&view);
    if how.json {
        print::json(&view)?;
    } else {
        say!("{}", view.said);
    }
    Ok(ExitCode::from(code))
}

/// Whether there is something that a person must do, and where.
fn code(view: &EnrolView) -> u8 {
    if let Some(fault) = &view.fault {
        return match fault.kind {
            Kind::Settings | Kind::Credentials => exit::CONFIGURATION,
            Kind::Busy | Kind::Unreachable => exit::UNAVAILABLE,
            _ => 1,
        };
    }
    let state = view.enrolment.as_ref().map(|it| it.state.as_str());
    match state {
        None | Some("active" | "pending") => 0,
        Some(_) => exit::STATE,
    }
}

/// A text with something in it.
fn said(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("it is empty".into()),
        text => Ok(text.to_owned()),
    }
}
