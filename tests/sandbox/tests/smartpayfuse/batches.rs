//! What batches there are as time passes, and how their status tells.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::client::{BATCHES, Client, sandbox};

fn keys(value: &Value) -> BTreeSet<&String> {
    value.as_object().unwrap().keys().collect()
}

async fn count(client: &Client, source: &str) -> usize {
    let state = client.control("state").await;
    let batches = state["batches"].as_array().unwrap().iter();
    batches.filter(|batch| batch["source"] == source).count()
}

#[tokio::test]
async fn a_fresh_sandbox_has_something_of_everything() {
    let client = sandbox(&["--records", "120"]).await;
    let state = client.control("state").await;
    let batches = state["batches"].as_array().unwrap();
    let mut complete: Vec<_> = batches
        .iter()
        .map(|batch| {
            (
                batch["source"].as_str().unwrap(),
                batch["complete"].as_bool().unwrap(),
            )
        })
        .collect();
    complete.sort_unstable();
    assert_eq!(
        complete,
        [
            ("AMEX_MAINTENANCE", true),
            ("AMEX_REGISTRY_API", true),
            ("AMEX_REGISTRY_API", true),
            ("SCHEDULER", false),
            ("SCHEDULER", true),
            ("TOKEN_API", true),
        ]
    );
    let harvest = batches
        .iter()
        .find(|batch| batch["source"] == "SCHEDULER" && batch["complete"] == true);
    let id = harvest.unwrap()["id"].as_str().unwrap();
    assert_eq!(
        client.control(&format!("expected/{id}")).await["records"],
        120
    );
    assert!(
        sandbox(&["--empty"]).await.control("state").await["batches"]
            .as_array()
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn days_bring_reports_and_months_bring_harvests() {
    let client = sandbox(&[]).await;
    client.advance("49h").await;
    assert_eq!(count(&client, "AMEX_MAINTENANCE").await, 3);
    assert_eq!(count(&client, "SCHEDULER").await, 2);
    client.advance("30d").await;
    assert_eq!(count(&client, "AMEX_MAINTENANCE").await, 33);
    assert_eq!(count(&client, "SCHEDULER").await, 3);
}

#[tokio::test]
async fn a_batch_is_processed_until_its_time_has_come() {
    let client = sandbox(&["--empty"]).await;
    let id = client
        .batch(json!({ "source": "AMEX_MAINTENANCE", "ready_after": "2h" }))
        .await;
    let status = async || client.json(&format!("{BATCHES}/{id}/status")).await;
    let report = async || client.get(&format!("{BATCHES}/{id}/report")).await.status();

    let before = status().await;
    assert_eq!(before["status"], "PROCESSING");
    assert!(
        before["_links"].get("report").is_none() && before["totals"].get("caResponses").is_none()
    );
    assert_eq!(report().await, 403);

    client.advance("2h").await;
    let after = status().await;
    assert!(
        after["status"]
            .as_str()
            .unwrap()
            .to_ascii_lowercase()
            .starts_with("complete")
    );
    assert!(
        after["_links"]["report"][0]["href"]
            .as_str()
            .unwrap()
            .ends_with("/report")
    );
    assert_eq!(report().await, 200);
}

#[tokio::test]
async fn a_status_has_the_documented_shape_and_dotted_times() {
    let client = sandbox(&["--empty"]).await;
    let created = "2020-02-13T13:59:13Z";
    let id = client
        .batch(json!({ "source": "AMEX_REGISTRY_API", "created": created, "records": 3 }))
        .await;
    let body = client.json(&format!("{BATCHES}/{id}/status")).await;
    let documented: Value =
        serde_json::from_str(include_str!("../data/status_amex_registry_200.json")).unwrap();
    assert_eq!(keys(&body), keys(&documented));
    assert_eq!(keys(&body["totals"]), keys(&documented["totals"]));
    assert_eq!(body["batchCreatedDate"], documented["batchCreatedDate"]);
    assert_eq!(body["batchCaEndpoints"], "AMEX");
}

#[tokio::test]
async fn a_one_off_batch_writes_numbers_as_text_and_links_to_itself() {
    let client = sandbox(&["--empty"]).await;
    let id = client
        .batch(json!({ "source": "TOKEN_API", "records": 50 }))
        .await;
    let body = client.json(&format!("{BATCHES}/{id}/status")).await;
    let documented = include_str!("../data/smartpayfuse_status_one_off_200_string_counts.json");
    let documented: Value = serde_json::from_str(documented).unwrap();
    assert_eq!(keys(&body), keys(&documented));
    assert_eq!(
        (&body["status"], &body["batchCaEndpoints"]),
        (&documented["status"], &documented["batchCaEndpoints"])
    );
    assert!(
        body["_links"]["report"][0]["href"]
            .as_str()
            .unwrap()
            .ends_with("/status")
    );
    assert!(
        body["totals"]["acceptedRecords"]
            .as_str()
            .unwrap()
            .ends_with(',')
    );
    assert!(body["billing"]["nan"].is_string() && body["billing"]["cch"].is_u64());
}

#[tokio::test]
async fn complete_is_written_in_three_ways() {
    let client = sandbox(&["--empty"]).await;
    let mut words = BTreeSet::new();
    for id in ["10", "11", "12"] {
        client
            .batch(json!({ "source": "SCHEDULER", "id": id }))
            .await;
        let status = client.json(&format!("{BATCHES}/{id}/status")).await;
        words.insert(status["status"].as_str().unwrap().to_owned());
    }
    assert_eq!(
        words.into_iter().collect::<Vec<_>>(),
        ["COMPLETE", "COMPLETED", "Completed"]
    );
}

#[tokio::test]
async fn a_test_can_fix_status_and_totals() {
    let client = sandbox(&["--empty"]).await;
    let id = client
        .batch(json!({ "source": "SCHEDULER", "status": "REJECTED", "totals": { "acceptedRecords": 9 } }))
        .await;
    let status = client.json(&format!("{BATCHES}/{id}/status")).await;
    assert_eq!(
        (&status["status"], &status["totals"]),
        (&json!("REJECTED"), &json!({ "acceptedRecords": 9 }))
    );
    assert_eq!(
        client.get(&format!("{BATCHES}/{id}/report")).await.status(),
        403
    );
}

#[tokio::test]
async fn a_registration_without_errors_has_no_report_though_the_list_links_to_one() {
    let client = sandbox(&["--empty"]).await;
    let mut answers = BTreeSet::new();
    for id in ["10", "11"] {
        client
            .batch(json!({ "source": "AMEX_REGISTRY_API", "records": 0, "id": id }))
            .await;
        answers.insert(
            client
                .get(&format!("{BATCHES}/{id}/report"))
                .await
                .status()
                .as_u16(),
        );
    }
    assert_eq!(answers.into_iter().collect::<Vec<_>>(), [403, 404]);
    let row = &client.json(BATCHES).await["_embedded"]["batches"][0];
    assert!(
        row["_links"]["reports"][0]["href"]
            .as_str()
            .unwrap()
            .ends_with("/report")
    );
}

#[tokio::test]
async fn a_batch_that_is_not_ours_is_forbidden_once_with_a_broken_body() {
    let client = sandbox(&["--empty"]).await;
    let status = client
        .get(&format!("{BATCHES}/154108334734003332450/status"))
        .await;
    assert_eq!(status.status(), 403);
    assert_eq!(
        status.json::<Value>().await.unwrap()["code"],
        "FORBIDDEN_RESPONSE"
    );

    let report = client
        .get(&format!("{BATCHES}/154108334734003332450/report"))
        .await;
    assert_eq!(report.status(), 403);
    let body = report.text().await.unwrap();
    let documented = include_str!("../data/error_forbidden.json.raw");
    for text in [body.as_str(), documented] {
        assert!(text.contains("/batches/ 154108334734003332450/report"));
        assert!(serde_json::from_str::<Value>(text).is_err());
        assert!(serde_json::from_str::<Value>(&format!("{text}}}")).is_ok());
    }
}
