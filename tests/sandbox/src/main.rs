//! `reissue-sandbox`: starts the sandbox, prints its address on stdout and, on stderr, accounts and a sink to copy.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "speaks to a person"
)]

use clap::Parser;
use reissue_sandbox::{Options, Sandbox};
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let (smartpayfuse, cardsync) = (options.smartpayfuse.clone(), options.cardsync.clone());
    let (bluesnap, receiver) = (options.bluesnap.clone(), options.receiver.clone());
    // Listened for before the address is known, so that whoever reads it can stop us from then on.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let sandbox = Sandbox::bind(options).await?;
    let url = sandbox.url();

    println!("listening on {url}");
    let entries = [
        smartpayfuse.credentials.account(&url),
        cardsync.account(&url),
        bluesnap.account(&url),
        receiver.sink(&url),
    ];
    eprintln!("Entries for reissue.toml:\n\n{}", entries.join("\n"));

    sandbox
        .serve(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        })
        .await
}
