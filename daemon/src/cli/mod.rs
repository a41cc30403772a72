//! The command line: `reissue daemon` runs, the rest talks to it over the admin socket, or reads the
//! state itself while the daemon is down.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is where people read"
)]

mod ask;
mod batch;
mod check;
mod connectors;
mod enrol;
mod keys;
mod plan;
mod print;
mod run;
mod schedules;
mod status;
mod subscriptions;
mod suppressions;
mod updates;

use std::path::PathBuf;
use std::process::ExitCode;

use chrono::{DateTime, NaiveDate, Utc};
use clap::{Parser, Subcommand};

use crate::admin::client::ClientError;
use crate::failure::Failure;
use crate::service;

/// Reissue keeps cards on file current.
///
/// A daemon collects what account updaters know about stored cards (a new number, a new expiry, a
/// closed account) and delivers it to the billing system, once.
#[derive(Debug, Parser)]
#[command(name = "reissue", version, about, long_about, after_help = EXIT_CODES)]
struct Arguments {
    /// The configuration; `conf.d/*.toml` beside it is read too.
    #[arg(
        short,
        long,
        global = true,
        value_name = "PATH",
        default_value = "/etc/reissue/reissue.toml"
    )]
    config: PathBuf,

    /// Print JSON, for programs.
    #[arg(long, global = true)]
    json: bool,

    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "\
Exit codes: 0 done; 1 failed; 64 wrong usage; 69 the daemon or a provider cannot be reached;
78 the configuration or a key is wrong; 79 the state needs a person.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Run in the foreground, as systemd does.
    Daemon {
        /// Load connectors from this directory, into which root has staged them
        /// (`reissue connectors stage`), instead of staging them into the state directory.
        #[arg(long, value_name = "DIR")]
        staged: Option<PathBuf>,
    },
    /// Find every problem of the configuration; show the next slots. Nothing is sent.
    Check {
        /// Try each account too: name resolution, TLS, and one authenticated read.
        #[arg(long)]
        online: bool,
    },
    /// One screen: what needs a person first, then accounts, schedules, batches, sinks.
    Status,
    /// Show the slots to come, and what daylight saving time or a downtime does to them.
    Schedules {
        /// From this instant or day (UTC); default now.
        #[arg(long, value_name = "TIME", value_parser = instant)]
        from: Option<DateTime<Utc>>,
        /// Until this instant or day (UTC); default a week later.
        #[arg(long, value_name = "TIME", value_parser = instant)]
        to: Option<DateTime<Utc>>,
    },
    /// Run a schedule's slot now. Batches that are known already are not delivered again.
    Run {
        /// The schedule.
        schedule: String,
        /// List batches at least from this instant or day on (UTC); usually a week before the last run.
        #[arg(long, value_name = "TIME", value_parser = past_instant)]
        since: Option<DateTime<Utc>>,
        /// Wait until its batches are delivered, held, or waiting for the provider.
        #[arg(long)]
        wait: bool,
    },
    /// Show whom a schedule would ask about now, whom not and why. Nothing is sent.
    Plan {
        /// The schedule.
        schedule: String,
    },
    /// Where an account's subscriptions stand: wanted, at the provider, unknown, and what the next slot
    /// changes.
    Subscriptions {
        /// The account.
        account: String,
        /// Show every pair of card and merchant number too, numbers masked.
        #[arg(long)]
        pairs: bool,
        /// The source may lack this many pairs that it had before, and they are removed. A source that
        /// suddenly lacks more than a fifth waits for this word.
        #[arg(long, value_name = "N", conflicts_with = "pairs")]
        may_lack: Option<u64>,
    },
    /// Cards that are not asked about again, because an answer said that it is of no use.
    Suppressions {
        /// The account.
        account: String,
        /// Let these cards be asked about again: a file in the form of a source's, or - to read one
        /// from standard input. Only `pan`, or `token` and `token_kind`, count.
        #[arg(long, value_name = "FILE")]
        lift: Option<PathBuf>,
    },
    /// The ledger: every batch at every provider.
    #[command(subcommand)]
    Batch(batch::Command),
    /// Counts of updates by outcome and code; with a batch, its updates too, numbers masked.
    Updates {
        /// A batch as `reissue batch list` shows it.
        batch: Option<String>,
        /// Its answers for cards that nobody asked about, which are set aside and never delivered.
        #[arg(long, requires = "batch")]
        aside: bool,
    },
    /// Have an account admitted at its provider, or go on with it. It is safe to repeat at any time.
    Enrol {
        /// The account.
        account: String,
        #[command(flatten)]
        terms: enrol::Terms,
        /// It is settled with the provider what became of a request whose answer was lost: go on, and send
        /// what is still missing.
        #[arg(long)]
        settled: bool,
        /// Give the webhook's URL another secret and register that: at times, and when somebody may have
        /// seen it. The secret before stays good until the provider has had the new URL for a day. If it
        /// leaked, do this twice: the second time makes it worthless at once. An attempt that failed goes
        /// on without this option.
        #[arg(long)]
        rotate_webhook: bool,
    },
    /// Connectors: loaded ones, their jobs, hashes and faults.
    Connectors {
        /// Default: list
        #[command(subcommand)]
        command: Option<connectors::Command>,
    },
    /// The key and the keyring that seal everything sensitive on this host.
    #[command(subcommand)]
    Keys(keys::Command),
    /// Read the configuration and the connectors again; with any problem the old ones stay.
    Reload,
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are answers; everything else is wrong usage.
            let code = if error.use_stderr() { 64 } else { 0 };
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    let outcome = match runtime {
        Ok(runtime) => {
            let outcome = runtime.block_on(execute(arguments));
            // A connector that does not end must not keep the process.
            runtime.shutdown_background();
            outcome
        }
        Err(error) => Err(Failure::from(
            anyhow::Error::new(error).context("no runtime"),
        )),
    };
    outcome.unwrap_or_else(|failure| {
        eprintln!("{}", print::error(failure.message.trim_end()));
        ExitCode::from(failure.code)
    })
}

async fn execute(arguments: Arguments) -> Result<ExitCode, Failure> {
    let how = ask::How {
        config: arguments.config,
        json: arguments.json,
    };
    match arguments.command {
        Command::Daemon { staged } => return service::run(how.config, staged).await,
        Command::Check { online } => return check::run(&how, online).await,
        Command::Status => status::run(&how).await?,
        Command::Schedules { from, to } => schedules::run(&how, from, to).await?,
        Command::Run {
            schedule,
            since,
            wait,
        } => return run::run(&how, schedule, since, wait).await,
        Command::Plan { schedule } => plan::run(&how, schedule).await?,
        Command::Subscriptions {
            account,
            pairs,
            may_lack,
        } => subscriptions::run(&how, account, pairs, may_lack).await?,
        Command::Suppressions { account, lift } => {
            suppressions::run(&how, account, lift.as_deref()).await?;
        }
        Command::Batch(command) => batch::run(&how, command).await?,
        Command::Updates { batch, aside } => updates::run(&how, batch, aside).await?,
        Command::Enrol {
            account,
            terms,
            settled,
            rotate_webhook,
        } => return enrol::run(&how, account, terms, settled, rotate_webhook).await,
        Command::Connectors { command } => {
            let command = command.unwrap_or(connectors::Command::List);
            return connectors::run(&how, command).await;
        }
        Command::Keys(command) => keys::run(&how, &command)?,
        Command::Reload => {
            let client = how.daemon(&how.load()?).await?;
            let reloaded = client.post_for_text("/v1/reload", &()).await;
            let reloaded = reloaded.map_err(|error| match error {
                ClientError::Refused(why) => Failure::configuration(why),
                other => other.into(),
            })?;
            print!("{reloaded}");
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// An instant that has been.
fn past_instant(text: &str) -> Result<DateTime<Utc>, String> {
    let instant = instant(text)?;
    if instant > crate::clock::now() {
        return Err("this is still to come; name an instant that has been".into());
    }
    Ok(instant)
}

/// An instant (`2026-11-22T06:30:00Z`) or the beginning of a day (`2026-11-22`).
fn instant(text: &str) -> Result<DateTime<Utc>, String> {
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Ok(instant.to_utc());
    }
    text.parse::<NaiveDate>()
        .map(|day| day.and_time(chrono::NaiveTime::MIN).and_utc())
        .map_err(|_| "write 2026-11-22 or 2026-11-22T06:30:00Z".into())
}
