//! `reissue plan SCHEDULE`: what may be paid for, before it is.

use super::ask::How;
use super::print::{self, say};
use crate::admin::request::PlanRequest;
use crate::admin::view::PlanView;
use crate::failure::Failure;
use crate::ledger::plan::{FileFate, Preview, PreviewedFile};
use crate::wording::counted;

pub(super) async fn run(how: &How, schedule: String) -> Result<(), Failure> {
    let client = how.daemon(&how.load()?).await?;
    let view: PlanView = client.get("/v1/plan", &PlanRequest { schedule }).await?;
    if how.json {
        return print::json(&view);
    }
    show(&view);
    Ok(())
}

fn show(view: &PlanView) {
    let plan = &view.preview;
    say!(
        "{} would ask {} about {} of {} if it ran now, at {}",
        view.schedule,
        view.account,
        plan.ask,
        counted(plan.cards, "card"),
        print::time(plan.at)
    );
    if let Some(next) = view.next {
        say!(
            "it runs next at {}; nothing was sent or written",
            print::time(next)
        );
    }
    say!();
    if plan.waited > 0 {
        say!(
            "{} of them wait since an earlier slot, whose day's budget had no room for them",
            plan.waited
        );
    }
    if plan.files.is_empty() {
        say!("its source holds no file");
    } else {
        print::table(
            &["FILE", "CARDS", "ASK", "REJECTED", "NOTE"],
            plan.files.iter().map(file).collect(),
        );
    }
    if plan.cards == 0 {
        return;
    }
    rejects(plan);
    verdicts(plan);
    say!();
    say!(
        "submissions  {} of at most {}",
        plan.submissions,
        counted(plan.largest_submission, "card")
    );
    if let (Some(day), Some(left)) = (plan.cards_per_day, plan.left_today) {
        say!(
            "budget       {} a day (UTC): {} used already, {left} left after this",
            counted(day, "card"),
            plan.asked_today
        );
    }
    if let Some(fees) = &view.fees {
        let expected = match &fees.expected {
            Some(expected) => format!(
                "about {expected}, going by {} of {} that the provider answered; ",
                counted(fees.learnt_from, "card"),
                view.account
            ),
            None => String::new(),
        };
        say!("fees         {expected}at most {}", fees.at_most);
    }
}

fn file(file: &PreviewedFile) -> Vec<String> {
    let none = || "-".to_owned();
    let (cards, ask, rejected, note) = match &file.fate {
        FileFate::Ready {
            cards,
            ask,
            rejected,
            ..
        } => (
            cards.to_string(),
            ask.to_string(),
            rejected.to_string(),
            String::new(),
        ),
        FileFate::Settling { until } => {
            let until = print::time(*until);
            let note = format!("may still be growing; a slot waits for it, not before {until}");
            (none(), none(), none(), note)
        }
        FileFate::Refused { why } => (none(), none(), none(), format!("not read: {why}")),
    };
    vec![file.path.display().to_string(), cards, ask, rejected, note]
}

/// Why rows are rejected, the first of each file.
fn rejects(plan: &Preview) {
    let rows = plan.files.iter().flat_map(|file| {
        let rejects = match &file.fate {
            FileFate::Ready { rejects, .. } => rejects.as_slice(),
            _ => &[],
        };
        let name = file.path.file_name().unwrap_or_default().to_string_lossy();
        rejects.iter().map(move |one| {
            vec![
                format!("{name}:{}", one.line),
                one.column.clone(),
                one.value.clone(),
                one.reason.clone(),
            ]
        })
    });
    let rows: Vec<_> = rows.collect();
    if !rows.is_empty() {
        say!();
    }
    print::table(&["REJECTED", "COLUMN", "VALUE", "REASON"], rows);
}

fn verdicts(plan: &Preview) {
    if plan.verdicts.is_empty() {
        return;
    }
    say!();
    let rows = plan.verdicts.iter();
    let row = |(verdict, count): (&String, &u64)| {
        let because = because(verdict).to_owned();
        vec![count.to_string(), verdict.clone(), because]
    };
    print::table(&["CARDS", "VERDICT", "BECAUSE"], rows.map(row).collect());
}

/// What a verdict means, for who does not know the rules by heart.
fn because(verdict: &str) -> &'static str {
    match verdict {
        "ask" => "they are asked about",
        "not_due" => "they are billed later than due_within, or nobody knows when",
        "asked_lately" => "they were asked about within not_asked_within",
        "doubled" => "another row is the same card",
        "over_budget" => "cards_per_day is used up: they wait for the next slot",
        "closed" => "an answer said that the account is closed",
        "contact_cardholder" => "an answer said to ask the cardholder",
        "opted_out" => "an answer said that the cardholder opted out",
        _ => "",
    }
}
