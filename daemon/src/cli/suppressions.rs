//! `reissue suppressions ACCOUNT [--lift FILE]`. The cards come from a file or standard input, never from
//! the command line itself: the shell would remember them, and `ps` show them.

use std::fs::File;
use std::io::{Read, stdin};
use std::path::Path;

use zeroize::Zeroizing;

use super::ask::How;
use super::print::{self, say};
use crate::admin::request::AccountName;
use crate::failure::Failure;
use crate::ledger::suppressions::{Lifted, Suppressed};
use crate::wording::counted;

/// What the daemon takes at once; a thousand cards are less.
const LARGEST: u64 = 1 << 20;

pub(super) async fn run(how: &How, account: String, lift: Option<&Path>) -> Result<(), Failure> {
    let given = lift.map(read).transpose()?;
    let client = how.daemon(&how.load()?).await?;
    let name = AccountName { account };
    let Some(cards) = given else {
        let reasons: Vec<Suppressed> = client.get("/v1/suppressions", &name).await?;
        if how.json {
            return print::json(&reasons);
        }
        show(&name.account, &reasons);
        return Ok(());
    };
    let lifted: Lifted = client.send("/v1/suppressions/lift", &name, cards).await?;
    if how.json {
        return print::json(&lifted);
    }
    say!(
        "{} may ask again about {} of {} named{}",
        name.account,
        counted(lifted.lifted, "card"),
        lifted.named,
        match lifted.lifted < lifted.named {
            true => "; the rest was not suppressed",
            false => "",
        }
    );
    Ok(())
}

fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let failed = |why: &dyn std::fmt::Display| Failure {
        code: 1,
        message: format!("{}: {why}", path.display()),
    };
    let file: Box<dyn Read> = match path.to_str() {
        Some("-") => Box::new(stdin().lock()),
        _ => Box::new(File::open(path).map_err(|error| failed(&error))?),
    };
    // With room for all of it, so that no copy is left behind by growing.
    let mut text = Zeroizing::new(Vec::with_capacity(LARGEST as usize + 1));
    file.take(LARGEST + 1)
        .read_to_end(&mut text)
        .map_err(|error| failed(&error))?;
    match text.len() as u64 > LARGEST {
        true => Err(failed(
            &"this is more than 1 MiB; name at most 1000 cards at once",
        )),
        false => Ok(text),
    }
}

fn show(account: &str, reasons: &[Suppressed]) {
    if reasons.is_empty() {
        say!("no card of {account} is suppressed");
    }
    let row = |one: &Suppressed| {
        let (first, last) = (print::time(one.first), print::time(one.last));
        vec![one.cards.to_string(), one.reason.clone(), first, last]
    };
    print::table(
        &["CARDS", "REASON", "FIRST", "LAST"],
        reasons.iter().map(row).collect(),
    );
}
