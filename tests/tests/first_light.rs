//! The narrow path: a schedule's slot, a listing, a collected batch, a delivered file.

use reissue_tests::{ACCOUNT, Config, World};
use serde_json::{Value, json};

/// The daily report as the provider documents it.
const DAILY_REPORT: &str = include_str!("../sandbox/tests/data/report_amex_maintenance_200.json");

#[test]
fn schedules_bring_every_batch_into_a_file_of_its_own() {
    let world = World::with(&Config::default().cron("* * * * * *"));
    let daily = world
        .sandbox
        .batch(json!({ "source": "AMEX_MAINTENANCE", "records": 25 }));
    let harvest = world
        .sandbox
        .batch(json!({ "source": "SCHEDULER", "records": 600 }));
    let mut daemon = world.daemon();

    daemon.until("The batch was delivered.");
    daemon.until("The batch was delivered.");

    let files = [
        format!("updates/{ACCOUNT}/amex-daily/{daily}.jsonl"),
        format!("updates/{ACCOUNT}/harvest/{harvest}.jsonl"),
    ];
    assert_eq!(world.delivered().files, files.map(|file| world.path(&file)));
    world.assert_delivered(&[daily.clone(), harvest.clone()]);

    for schedule in ["amex-daily", "harvest"] {
        let line = daemon.until_line("another slot", |line| {
            line["message"] == "Nothing is new." && line["schedule"] == schedule
        });
        assert_eq!(line["listed"], 1);
    }
    world.assert_delivered(&[daily, harvest]);
}

#[test]
fn an_update_is_the_documented_json() {
    let world = World::new();
    let id = "15797780137010000506182090";
    world.sandbox.batch(json!({
        "source": "AMEX_MAINTENANCE", "id": id, "report_body": DAILY_REPORT,
    }));
    let _daemon = world.daemon();

    world.run("amex-daily");

    let updates = world.delivered().batches.remove(id).unwrap();
    let collected_at = updates[0]["collected_at"].clone();
    assert_eq!(
        collected_at.as_str().unwrap().len(),
        "2026-11-22T06:30:04Z".len()
    );
    let closed = "This Payment Instrument contains the source card number, which is now closed. \
                  If required, you can update manually or through the AU REST API.";
    let expected = json!({
        "id": format!("{ACCOUNT}/15797780137010000506182090/562239661"),
        "account": ACCOUNT, "connector": "smartpayfuse", "job": "amex-daily",
        "batch": "15797780137010000506182090", "record": "562239661",
        "reference": "9CCD3AE24DD9E254E0533F36CF0A356E",
        "outcome": "new_number", "provider_code": "NAN", "provider_reason": "800", "billable": true,
        "old": {
            "token": "9CCD3AE24DD9E254E0533F36CF0A356E", "pan_masked": "371449XXXXX2009",
            "expiry": "2021-02", "brand": "amex",
            "customer": "9CCD3AE24DD9E254E0533F36CF0A356E",
            "payment_instrument": "9CCD3AE24DD8E254E0533F36CF0A356E",
            "instrument_identifier": "9CCD3AE24DD7E254E0533F36CF0A356E",
        },
        "new": {
            "token": "9CCD3AE24DD9E254E0533F36CF0A356E", "pan_masked": "371449XXXXX0102",
            "expiry": "2021-07", "brand": "amex",
            "instrument_identifier": "9CCDC4D08BE0C16BE0533F36CF0A9916",
            "instrument_identifier_created": true,
        },
        "related": [{
            "customer": "8CCD3AE24DD8E254E0533F36CF0A355E",
            "payment_instrument": "9CCD3AE24DD8E254E0533F36CF0A356D",
            "creator": "aura_regress_tms_report", "state": "closed", "message": closed,
        }],
        "reported_at": "2020-01-23T11:16:13Z", "collected_at": collected_at,
    });
    assert_eq!(updates[0], expected);
    let outcomes: Vec<&Value> = updates.iter().map(|update| &update["outcome"]).collect();
    assert_eq!(outcomes, ["new_number", "new_expiry", "closed"]);
    assert_eq!(updates[2].get("new"), None, "a closed card has no new one");
}

#[test]
fn a_registration_without_errors_is_delivered_without_a_file() {
    let world = registry();
    let batch = world
        .sandbox
        .batch(json!({ "source": "AMEX_REGISTRY_API", "records": 0 }));
    let _daemon = world.daemon();

    let run = world.run("registry");

    assert_eq!(run["batches"][0]["key"], format!("{ACCOUNT}/{batch}"));
    assert_eq!(run["batches"][0]["state"], "delivered");
    assert_eq!(run["batches"][0]["collected"]["updates"], 0);
    world.assert_delivered(&[]);
}

#[test]
fn a_registration_with_errors_is_delivered_as_rejected_cards() {
    let world = registry();
    let batch = world
        .sandbox
        .batch(json!({ "source": "AMEX_REGISTRY_API", "records": 7 }));
    let _daemon = world.daemon();

    world.run("registry");

    world.assert_delivered(&[batch]);
}

#[test]
fn a_batch_in_process_is_collected_when_it_completes() {
    let world = World::new();
    let batch = world.sandbox.batch(json!({
        "source": "SCHEDULER", "records": 40, "ready_after": "24h",
    }));
    let mut daemon = world.daemon();

    let run = world.run("harvest");
    assert_eq!(run["batches"][0]["state"], "waiting");
    world.assert_delivered(&[]);

    world.sandbox.advance("25h");
    daemon.until("The batch was delivered.");
    world.assert_delivered(&[batch]);
}

#[test]
fn two_accounts_have_a_batch_each_even_under_one_id() {
    let other = "barclays-ie";
    let config = Config::default()
        .account(other)
        .schedule("ie-daily", other, "amex-daily");
    let world = World::with(&config);
    let batch = world.sandbox.batch(json!({ "source": "AMEX_MAINTENANCE" }));
    let _daemon = world.daemon();

    for (schedule, account) in [("amex-daily", ACCOUNT), ("ie-daily", other)] {
        let run = world.run(schedule);
        assert_eq!(run["batches"][0]["key"], format!("{account}/{batch}"));
        let file = world.path(&format!("updates/{account}/amex-daily/{batch}.jsonl"));
        assert!(file.exists(), "{}", file.display());
    }
}

fn registry() -> World {
    World::with(&Config::default().schedule("registry", ACCOUNT, "registry-reports"))
}
