//! Reports: generated ones are the same each time and hold what is expected of them, given ones go out as they are.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::client::{BATCHES, Client, sandbox};

async fn report(client: &Client, id: &str) -> Vec<u8> {
    let answer = client.get(&format!("{BATCHES}/{id}/report")).await;
    assert_eq!(answer.status(), 200);
    answer.bytes().await.unwrap().to_vec()
}

#[tokio::test]
async fn the_same_seed_gives_the_same_bytes_in_another_sandbox_too() {
    let order = json!({ "source": "SCHEDULER", "id": "15410833473400000123332450", "records": 3000, "created": "2018-11-01T14:42:27Z" });
    let mut bodies = Vec::new();
    for seed in ["5", "5", "6"] {
        let client = sandbox(&["--empty", "--seed", seed]).await;
        let id = client.batch(order.clone()).await;
        let body = report(&client, &id).await;
        assert_eq!(body, report(&client, &id).await);
        bodies.push(body);
    }
    assert!(bodies[0].len() > 1_500_000, "several chunks");
    assert_eq!(bodies[0], bodies[1]);
    assert_ne!(bodies[0], bodies[2]);
}

#[tokio::test]
async fn a_report_holds_what_is_expected_of_it() {
    let client = sandbox(&["--empty"]).await;
    for source in [
        "SCHEDULER",
        "AMEX_MAINTENANCE",
        "TOKEN_API",
        "AMEX_REGISTRY_API",
    ] {
        let id = client
            .batch(json!({ "source": source, "records": 2345 }))
            .await;
        let body: Value = serde_json::from_slice(&report(&client, &id).await).unwrap();
        let records = body["records"].as_array().unwrap();
        let mut codes: BTreeMap<String, u64> = BTreeMap::new();
        for record in records {
            let answer = &record["responseRecord"];
            let code = format!(
                "{} {}",
                answer["response"].as_str().unwrap(),
                answer["reason"].as_str().unwrap()
            );
            *codes.entry(code).or_default() += 1;
        }
        let ids = records
            .iter()
            .filter_map(|record| record["id"].as_str()?.parse::<u128>().ok());

        let expected = client.control(&format!("expected/{id}")).await;
        assert_eq!(expected["records"], records.len());
        assert_eq!(expected["codes"], json!(codes), "{source}");
        let outcomes = expected["outcomes"].as_object().unwrap().values();
        assert_eq!(outcomes.map(|n| n.as_u64().unwrap()).sum::<u64>(), 2345);
        if source == "AMEX_REGISTRY_API" {
            assert!(body.get("billing").is_none());
            assert_eq!(body["totals"]["rejectedRecords"], 2345);
        } else {
            assert_eq!(expected["record_id_sum"], ids.sum::<u128>().to_string());
            let count = |code: &str| codes.get(code).copied().unwrap_or(0);
            let billing = json!({ "nan": count("NAN 800"), "ned": count("NED 800"), "acl": count("ACL 800"), "cch": count("CCH 800") });
            assert_eq!(body["billing"], billing);
            let total = |name: &str| body["totals"][name].as_u64().unwrap();
            assert_eq!(total("caResponses") - total("caResponsesOmitted"), 2345);
        }
    }
}

#[tokio::test]
async fn the_ids_are_listed_record_by_record() {
    let client = sandbox(&["--empty"]).await;
    let id = client
        .batch(json!({ "source": "TOKEN_API", "records": 2500 }))
        .await;
    let body: Value = serde_json::from_slice(&report(&client, &id).await).unwrap();
    let url = format!("{}/_sandbox/expected/{id}/ids", client.url);
    let lines = client
        .http
        .get(url)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let listed: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let reported: Vec<Value> = body["records"]
        .as_array()
        .unwrap()
        .iter()
        .map(|record| {
            let answer = &record["responseRecord"];
            json!({
                "id": record["id"], "token": record["sourceRecord"]["token"],
                "response": answer["response"], "reason": answer["reason"],
            })
        })
        .collect();
    assert_eq!(listed, reported);
}

#[tokio::test]
async fn the_head_has_the_documented_fields() {
    let client = sandbox(&["--empty"]).await;
    let documents = [
        (
            "SCHEDULER",
            include_str!("../data/report_scheduler_200.json"),
        ),
        (
            "AMEX_MAINTENANCE",
            include_str!("../data/report_amex_maintenance_200.json"),
        ),
        (
            "AMEX_REGISTRY_API",
            include_str!("../data/smartpayfuse_report_amex_registry_200.json"),
        ),
    ];
    for (source, documented) in documents {
        let documented: Value = serde_json::from_str(documented).unwrap();
        let id = client
            .batch(json!({ "source": source, "records": 3 }))
            .await;
        let body: Value = serde_json::from_slice(&report(&client, &id).await).unwrap();
        let fields = |value: &Value| {
            value
                .as_object()
                .unwrap()
                .keys()
                .cloned()
                .collect::<Vec<_>>()
        };
        assert_eq!(fields(&body), fields(&documented), "{source}");
        assert_eq!(
            fields(&body["totals"]),
            fields(&documented["totals"]),
            "{source}"
        );
        assert_eq!(body["batchCaEndpoints"], documented["batchCaEndpoints"]);
    }
}

#[tokio::test]
async fn a_given_report_goes_out_byte_by_byte() {
    let client = sandbox(&["--empty"]).await;
    let given = include_str!("../data/report_amex_maintenance_200.json");
    let id = client
        .batch(json!({ "source": "AMEX_MAINTENANCE", "report_body": given }))
        .await;
    assert_eq!(report(&client, &id).await, given.as_bytes());
    let status = client.json(&format!("{BATCHES}/{id}/status")).await;
    assert_eq!(status["totals"]["updatedRecords"], 3);
    let expected = client.control(&format!("expected/{id}")).await;
    assert_eq!(
        expected["codes"],
        json!({ "NAN 800": 1, "NED 800": 1, "ACL 800": 1 })
    );
    assert_eq!(
        (
            &expected["with_additional_updates"],
            &expected["record_id_sum"]
        ),
        (&json!(2), &json!("1686719123"))
    );
}

#[tokio::test]
async fn a_given_report_may_be_broken_and_then_nothing_is_expected_of_it() {
    let client = sandbox(&["--empty"]).await;
    let given = include_str!("../data/report_scheduler_200.json.raw");
    let id = client
        .batch(json!({ "source": "SCHEDULER", "report_body": given }))
        .await;
    assert_eq!(report(&client, &id).await, given.as_bytes());
    let expected = client
        .http
        .get(format!("{}/_sandbox/expected/{id}", client.url))
        .send()
        .await
        .unwrap();
    assert_eq!(expected.status(), 409);
}
