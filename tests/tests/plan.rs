//! `reissue plan`: what it says is what the slot then does; what cards may cost in a day and in money; who is
//! not asked again, and who may be; and that every card can be accounted for.
#![allow(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use reissue_tests::{Asks, Config, World};
use serde_json::{Value, json};

/// The daemon cannot be reached.
const UNAVAILABLE: Option<i32> = Some(69);

/// Test cards that CardSync publishes, one of them twice, and a row that is no card.
const CARDS: &str = "reference,pan,expiry,next_billing
order-1,4012000000000016,2027-04,2020-01-01
order-2,4012000000000024,2027-04,2020-01-02
order-3,4012000000000032,2027-04,2020-01-03
order-4,4012000000000040,2027-04,2020-01-04
order-5,4012000000000057,2027-04,2020-01-05
order-6,4012000000000065,2027-04,2020-01-06
order-7,4111111111111111,2027-04,2020-01-07
again,4012 0000 0000 0016,2027-04,2020-01-08
later,5555555555554444,2027-04,2999-01-01
wrong,4111111111111112,2027-04,
";

/// An account that asks CardSync about what is billed within a fortnight, and does not ask twice.
fn config() -> Config {
    Config::default()
        .in_sink("plaintext = \"i-accept\"")
        .asks(Asks::CardSync, "")
        .more(
            r#"
[fees.cardsync]
currency = "USD"
new_number = "1.50"
new_expiry = "1.25"
closed = "0.0001"
"#,
        )
}

fn prepare(world: &World, cards_per_day: u32) {
    world.edit("cards_per_day", &format!("cards_per_day = {cards_per_day}"));
    world.edit("settle", "settle = \"0s\"");
    let chooses = "source = \"cardsync\"\ndue_within = \"14d\"\nnot_asked_within = \"25d\"";
    world.edit("source = ", chooses);
}

fn world(cards_per_day: u32) -> World {
    let world = World::with(&config());
    prepare(&world, cards_per_day);
    world
}

#[track_caller]
fn plan(world: &World) -> Value {
    let said = world.reissue(&["plan", "cardsync", "--json"]);
    said.ok().json()
}

/// Every file below the folder, but for logs.
fn files(world: &World, folder: &str) -> BTreeSet<PathBuf> {
    fn add(directory: &Path, into: &mut BTreeSet<PathBuf>) {
        for entry in fs::read_dir(directory).into_iter().flatten() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => add(&path, into),
                false => _ = into.insert(path),
            }
        }
    }
    let mut files = BTreeSet::new();
    add(&world.path(folder), &mut files);
    files
}

#[test]
fn a_slot_does_what_its_plan_said() {
    let world = world(5);
    world.put_cards(Asks::CardSync, "july.csv", CARDS);
    world.put_cards(Asks::CardSync, "empty.csv", "");
    let _daemon = world.daemon();
    world.until_events("schedule_set", 3);
    let events = world.events().len();
    let before = [files(&world, "cards"), files(&world, "state/cards")];

    let planned = plan(&world);

    assert_eq!(world.events().len(), events, "nothing is recorded");
    let after = [files(&world, "cards"), files(&world, "state/cards")];
    assert_eq!(after, before, "nothing is written");
    assert_eq!(files(&world, "state/intake").len(), 0);
    assert_eq!(world.sandbox.requests()["counts"], json!({}));
    let verdicts = json!({ "ask": 5, "over_budget": 2, "doubled": 1, "not_due": 1 });
    assert_eq!(planned["verdicts"], verdicts);
    assert_eq!(planned["submissions"], 1);
    let budget = ["cards_per_day", "asked_today", "left_today"].map(|key| &planned[key]);
    assert_eq!(budget, [5, 0, 0]);
    assert_eq!(planned["fees"]["at_most"]["amount"], "7.50");
    assert_eq!(planned["fees"]["expected"], Value::Null);
    let states = [&planned["files"][0], &planned["files"][1]].map(|file| &file["state"]);
    assert_eq!(states, ["ready", "refused"]);
    assert_eq!(planned["files"][0]["rejects"][0]["line"], 11);
    let text = world.reissue(&["plan", "cardsync"]).ok().out;
    assert!(!text.contains("4111111111111112"), "{text}");

    // One file is left out, so it does not end as well as it could.
    let ran = world.reissue(&["run", "cardsync", "--wait", "--json"]);

    let ran = ran.json();
    let left_out = &ran["input"]["left_out"][0];
    let refused = &planned["files"][1];
    assert_eq!(
        (&left_out["path"], &left_out["why"]),
        (&refused["path"], &refused["why"])
    );
    let taken = world.until_events("cards_taken", 1).remove(0);
    assert_eq!(taken["verdicts"], planned["verdicts"]);
    let asked = |key| world.until_events("submission_planned", 1)[0][key].clone();
    assert_eq!(asked("cards"), planned["ask"]);
    assert_eq!(ran["batches"].as_array().unwrap().len(), 1);
}

#[test]
fn every_card_of_an_input_is_accounted_for() {
    let world = world(1_000);
    world.put_cards(Asks::CardSync, "july.csv", CARDS);
    let mut daemon = world.daemon();
    let batch = world.run("cardsync")["batches"][0]["key"].clone();
    let status = || world.reissue(&["status", "--json"]).ok().json();
    assert_eq!(
        status()["cards"]["cardsync"],
        json!({ "asked": 7, "waiting": 7 })
    );

    world.sandbox.advance("6d");
    daemon.until("The batch was delivered.");

    let expected = json!({ "asked": 7, "answered": 6, "absent": 1 });
    assert_eq!(status()["cards"]["cardsync"], expected);
    let schedules = status()["schedules"].take();
    let schedule = schedules.as_array().unwrap().iter();
    let mut schedule = schedule.filter(|one| one["name"] == "cardsync");
    let input = &schedule.next().unwrap()["input"];
    let rows = CARDS.lines().count() as u64 - 1;
    let (rejected, cards) = (&input["rejected"], &input["cards"]);
    assert_eq!(rejected.as_u64().unwrap() + cards.as_u64().unwrap(), rows);
    let verdicts = input["verdicts"].as_object().unwrap().values();
    let verdicts: u64 = verdicts.map(|count| count.as_u64().unwrap()).sum();
    assert_eq!(*cards, verdicts);
    assert_eq!(input["verdicts"]["ask"], 7);
    // Another process that reads the journal adds up the same.
    daemon.stop();
    assert_eq!(status()["cards"]["cardsync"], expected);
    let text = world.reissue(&["status"]).ok().out;
    let line = "cardsync has asked about 7 cards: 6 answered + 1 absent";
    assert!(text.contains(line), "{text}");

    // One new number, one new expiry, one that is closed.
    let name = batch.as_str().unwrap();
    let shown = world
        .reissue(&["batch", "show", name, "--json"])
        .ok()
        .json();
    assert_eq!(
        shown["cost"],
        json!({ "amount": "2.7501", "currency": "USD" })
    );
    let refused = world.reissue(&["plan", "cardsync"]);
    assert_eq!(refused.code, UNAVAILABLE, "{}", refused.err);
}

#[test]
fn the_days_budget_is_there_again_the_next_day_and_nobody_is_asked_twice() {
    let (world, clock) = World::with_clock(&config());
    prepare(&world, 5);
    // Far from midnight, which would be another day.
    let now = world.sandbox.state()["now"].as_str().unwrap().to_owned();
    let now: chrono::DateTime<chrono::Utc> = now.parse().unwrap();
    let noon = now.date_naive().and_hms_opt(12, 0, 0).unwrap().and_utc() + TimeDelta::days(1);
    clock.set(noon - now);
    world.put_cards(Asks::CardSync, "july.csv", CARDS);
    let _daemon = world.start_with(&clock.environment()).ready();
    world.run("cardsync");

    // The file is gone; what the budget had no room for waits.
    let same_day = plan(&world);
    assert_eq!(
        (&same_day["ask"], &same_day["asked_today"]),
        (&json!(0), &json!(5))
    );
    assert_eq!(
        (&same_day["waited"], &same_day["files"]),
        (&json!(2), &json!([]))
    );
    assert_eq!(same_day["verdicts"], json!({ "over_budget": 2 }));
    world.run("cardsync");
    assert_eq!(files(&world, "state/deferred").len(), 1);

    clock.set(noon - now + TimeDelta::days(1));
    let next_day = plan(&world);
    assert_eq!(
        (&next_day["ask"], &next_day["left_today"]),
        (&json!(2), &json!(3))
    );
    world.run("cardsync");
    let submitted = world.until_events("submission_planned", 2);
    assert_eq!(submitted[1]["cards"], 2);
    let taken = world.until_events("cards_taken", 3);
    assert_eq!(taken[2]["waited"], 2);
    assert_eq!(files(&world, "state/deferred").len(), 0);

    clock.set(noon - now + TimeDelta::days(30));
    world.put_cards(Asks::CardSync, "july.csv", CARDS);
    assert_eq!(plan(&world)["ask"], 5, "a month later");
}

#[test]
fn what_an_answer_suppressed_may_be_asked_again_once_a_person_says_so() {
    let (world, clock) = World::with_clock(&config());
    prepare(&world, 1_000);
    world.put_cards(Asks::CardSync, "july.csv", CARDS);
    let mut daemon = world.start_with(&clock.environment()).ready();
    world.run("cardsync");
    world.sandbox.advance("6d");
    daemon.until("The batch was delivered.");
    clock.set(TimeDelta::days(30));
    world.put_cards(Asks::CardSync, "july.csv", CARDS);
    let suppressed = |plan: &Value| {
        let verdicts = &plan["verdicts"];
        [
            verdicts["closed"].clone(),
            verdicts["contact_cardholder"].clone(),
        ]
    };
    let before = plan(&world);
    assert_eq!(suppressed(&before), [1, 1]);
    assert_eq!(before["fees"]["learnt_from"], 7);
    assert_eq!(before["ask"], 5);
    // 2.7501 for seven cards.
    assert_eq!(before["fees"]["expected"]["amount"], "1.9644");
    let reasons = world
        .reissue(&["suppressions", "cardsync", "--json"])
        .ok()
        .json();
    let reasons: Vec<_> = reasons.as_array().unwrap().iter().collect();
    let said = |at: usize| (reasons[at]["reason"].clone(), reasons[at]["cards"].clone());
    assert_eq!(said(0), (json!("closed"), json!(1)));
    assert_eq!(said(1), (json!("contact_cardholder"), json!(1)));

    let wrong = world.path("wrong.csv");
    fs::write(
        &wrong,
        "reference,pan,expiry\nx,4012000000000065,\ny,4012000000000066,\n",
    )
    .unwrap();
    let refused = world.reissue(&[
        "suppressions",
        "cardsync",
        "--lift",
        wrong.to_str().unwrap(),
    ]);
    assert_eq!(refused.code, Some(1));
    assert!(
        refused.err.contains("nothing is lifted: line 3"),
        "{}",
        refused.err
    );
    let right = world.path("right.csv");
    fs::write(
        &right,
        "reference,pan,expiry\nx,4012000000000065,\ny,4111111111111111,\n",
    )
    .unwrap();
    let lift = || {
        world.reissue(&[
            "suppressions",
            "cardsync",
            "--lift",
            right.to_str().unwrap(),
        ])
    };
    assert_eq!(
        lift().ok().out,
        "cardsync may ask again about 1 card of 2 named; the rest was not suppressed\n"
    );
    assert!(
        lift()
            .ok()
            .out
            .starts_with("cardsync may ask again about 0 cards of 2"),
        "it is lifted once"
    );

    let event = world.until_events("suppressions_lifted", 1).remove(0);
    assert!(event["by"].as_str().unwrap().starts_with("uid "));
    assert!(!event.to_string().contains("4012"), "{event}");
    assert_eq!(suppressed(&plan(&world)), [json!(null), json!(1)]);
    daemon.kill();
    let _daemon = world.start_with(&clock.environment()).ready();
    let after = plan(&world);
    assert_eq!(suppressed(&after), [json!(null), json!(1)]);
    assert_eq!(after["ask"], 6);
}

#[test]
fn what_a_crash_left_is_swept_and_what_is_needed_stays() {
    let world = world(1_000);
    world.put_cards(Asks::CardSync, "july.csv", CARDS);
    let mut daemon = world.daemon();
    world.run("cardsync");
    daemon.kill();
    let folders = ["cards", "asked", "refusals", "intake"].map(|it| format!("state/{it}"));
    let needed = folders.each_ref().map(|folder| files(&world, folder));
    assert_eq!(needed.each_ref().map(BTreeSet::len), [1, 1, 0, 0]);
    for folder in &folders {
        let orphans = world.path(folder).join("cardsync");
        fs::create_dir_all(&orphans).unwrap();
        for orphan in ["20200101-abcdefghijkl", ".20200101-abcdefghijkl.part"] {
            fs::write(orphans.join(orphan), "of a run that did not commit").unwrap();
        }
    }

    let mut daemon = world.daemon();

    let left = folders.each_ref().map(|folder| files(&world, folder));
    assert_eq!(left, needed);
    world.sandbox.advance("6d");
    daemon.until("The batch was delivered.");
    // Its answers are here, so its cards are not needed, and who was asked is remembered.
    daemon.kill();
    let daemon = world.daemon();
    let left = folders.each_ref().map(|folder| files(&world, folder).len());
    assert_eq!(left, [0, 1, 0, 0]);
    drop(daemon);
}

#[test]
fn a_schedule_that_looks_back_further_than_anybody_remembers_is_a_problem() {
    let world = world(5);
    world.edit("not_asked_within", "not_asked_within = \"401d\"");
    let refused = world.reissue(&["check"]);
    assert_eq!(refused.code, Some(78));
    let text = "`not_asked_within` looks back further than anybody remembers";
    assert!(refused.err.contains(text), "{}", refused.err);
    assert!(
        refused.err.contains("write at most \"400d\""),
        "{}",
        refused.err
    );
}

#[test]
fn a_schedule_whose_cards_wait_cannot_be_removed() {
    let world = world(5);
    world.put_cards(Asks::CardSync, "july.csv", CARDS);
    let _daemon = world.daemon();
    world.run("cardsync");
    let config = world.config();
    world.edit("[schedules.cardsync]", "[schedules.renamed]");

    let said = world.reissue(&["reload"]);

    assert_ne!(said.code, Some(0));
    let sentence =
        "schedule `cardsync` is not configured any more, and 2 cards wait for its next slot";
    assert!(said.err.contains(sentence), "{}", said.err);
    world.set_config(&config.replace("cards_per_day = 5", "cards_per_day = 50"));
    world.reissue(&["reload"]).ok();
    world.run("cardsync");
    world.edit("[schedules.cardsync]", "[schedules.renamed]");
    world.reissue(&["reload"]).ok();
}
