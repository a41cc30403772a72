//! `reissue subscriptions ACCOUNT`: what is wanted, what is at the provider, and what lies between.

use super::ask::How;
use super::print::{self, say};
use crate::admin::request::{MayLack, SubscriptionsOf};
use crate::admin::view::SubscriptionsView;
use crate::failure::Failure;
use crate::ledger::plan::pairs::NextSlot;
use crate::subscriptions::Standing;
use crate::wording::counted;

pub(super) async fn run(
    how: &How,
    account: String,
    pairs: bool,
    may_lack: Option<u64>,
) -> Result<(), Failure> {
    let client = how.daemon(&how.load()?).await?;
    if let Some(missing) = may_lack {
        let request = MayLack { account, missing };
        print!(
            "{}",
            client
                .post_for_text("/v1/subscriptions/may-lack", &request)
                .await?
        );
        return Ok(());
    }
    let of = SubscriptionsOf { account, pairs };
    let view: SubscriptionsView = client.get("/v1/subscriptions", &of).await?;
    if how.json {
        return print::json(&view);
    }
    show(&view);
    Ok(())
}

fn show(view: &SubscriptionsView) {
    let standings = &view.standings;
    let count = |stands: Standing| standings.pairs.get(&stands).copied().unwrap_or(0);
    say!(
        "{} wants {}",
        view.account,
        counted(standings.wanted, "pair")
    );
    say!();
    for (stands, word, means) in [
        (Standing::Subscribed, "subscribed", "at the provider"),
        (
            Standing::Unknown,
            "unknown",
            "nobody knows whether they are at the provider",
        ),
        (
            Standing::Removing,
            "removing",
            "being removed; they cost until the provider confirms it",
        ),
        (
            Standing::Adding,
            "adding",
            "in a submission that was not sent yet",
        ),
        (Standing::Absent, "absent", "not at the provider"),
        (Standing::Refused, "refused", "not taken by the provider"),
    ] {
        if count(stands) > 0 || stands == Standing::Subscribed {
            say!("{:>10}  {word:<11} {means}", count(stands));
        }
    }
    say!();
    difference(view, &standings.next);
    if !view.pairs.is_empty() {
        say!();
        let rows = view.pairs.iter().map(|pair| {
            vec![
                pair.reference.clone(),
                pair.pan_masked.clone(),
                pair.se_number.clone(),
                pair.key.clone(),
                if pair.wanted { "yes" } else { "no" }.to_owned(),
                pair.stands.as_str().to_owned(),
            ]
        });
        print::table(
            &["REFERENCE", "CARD", "SE NUMBER", "KEY", "WANTED", "STANDS"],
            rows.collect(),
        );
    }
}

fn difference(view: &SubscriptionsView, next: &NextSlot) {
    let schedule = &view.standings.schedule;
    if let Some(why) = &next.unreadable {
        say!("{schedule} changes nothing while a file of its source cannot be read: {why}");
        return;
    }
    let hands_in = match next.given {
        Some(given) => format!("its source hands in {}", counted(given, "pair")),
        None => "its source hands in nothing new".to_owned(),
    };
    if next.waits {
        say!(
            "{schedule} changes nothing: {hands_in} and lacks {} that it had. If that is right: `reissue \
             subscriptions {} --may-lack {}`",
            next.missing,
            view.account,
            next.missing
        );
        return;
    }
    say!(
        "the next slot of {schedule} adds {} and removes {} ({hands_in})",
        counted(next.add, "pair"),
        next.remove
    );
    if next.over_budget > 0 {
        say!(
            "{} more wait for another day's budget (cards_per_day)",
            counted(next.over_budget, "addition")
        );
    }
}
