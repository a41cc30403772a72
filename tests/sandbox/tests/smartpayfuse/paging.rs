//! The list under both meanings of `offset`, and when it misbehaves.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::client::{BATCHES, Client, page, sandbox};

/// A sandbox that counts offsets this way and has a number of batches, a second apart.
async fn with_batches(means: &str, count: u32) -> (Client, BTreeSet<String>) {
    let client = sandbox(&["--empty", "--offset-means", means]).await;
    let mut ids = BTreeSet::new();
    for n in 0..count {
        let created = format!("2020-03-15T00:00:{n:02}Z");
        ids.insert(
            client
                .batch(json!({ "source": "AMEX_MAINTENANCE", "created": created }))
                .await,
        );
    }
    (client, ids)
}

#[tokio::test]
async fn offsets_count_pages_or_batches() {
    for (means, offsets) in [("page", [0, 1, 2]), ("record", [0, 10, 20])] {
        let (client, ids) = with_batches(means, 25).await;
        let mut seen = Vec::new();
        for offset in offsets {
            let body = client
                .json(&format!("{BATCHES}?offset={offset}&limit=10"))
                .await;
            assert_eq!(body["total"], 25);
            seen.extend(page(&body).0);
        }
        assert_eq!(seen.len(), 25, "{means}");
        assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), ids, "{means}");
    }
}

#[tokio::test]
async fn stepping_by_one_loses_nothing_under_either_meaning() {
    for means in ["page", "record"] {
        let (client, ids) = with_batches(means, 12).await;
        let mut seen = BTreeSet::new();
        for offset in 0.. {
            let (new, _) = page(
                &client
                    .json(&format!("{BATCHES}?offset={offset}&limit=5"))
                    .await,
            );
            let before = seen.len();
            seen.extend(new);
            if seen.len() == before {
                break;
            }
        }
        assert_eq!(seen, ids, "{means}");
    }
}

#[tokio::test]
async fn following_next_reads_everything_once() {
    for means in ["page", "record"] {
        let (client, ids) = with_batches(means, 23).await;
        let mut seen = Vec::new();
        let mut target = Some(format!("{BATCHES}?limit=5&fromDate=20200314T000000Z"));
        while let Some(at) = target {
            let (new, next) = page(&client.json(&at).await);
            seen.extend(new);
            target = next.map(|next| next.strip_prefix(&client.url).unwrap().to_owned());
        }
        assert_eq!(seen.len(), 23, "{means}");
        assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), ids, "{means}");
    }
}

#[tokio::test]
async fn dates_select_by_creation_and_include_both_ends() {
    let (client, _) = with_batches("page", 10).await;
    let body = client
        .json(&format!(
            "{BATCHES}?fromDate=20200315T000003Z&toDate=20200315T000006Z"
        ))
        .await;
    assert_eq!(page(&body).0.len(), 4);
}

#[tokio::test]
async fn every_wrong_parameter_is_named() {
    let client = sandbox(&["--empty"]).await;
    let answer = client
        .get(&format!(
            "{BATCHES}?limit=501&offset=-1&fromDate=2020-03-15T00:00:00Z"
        ))
        .await;
    assert_eq!(answer.status(), 422);
    let body: Value = answer.json().await.unwrap();
    let paths: Vec<_> = body["fields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| f["path"].as_str().unwrap())
        .collect();
    assert_eq!(paths, ["offset", "limit", "fromDate"]);
    assert_eq!(client.get(&format!("{BATCHES}?page=1")).await.status(), 422);
}

#[tokio::test]
async fn rows_have_the_documented_shape() {
    let client = sandbox(&[]).await;
    let body = client.json(BATCHES).await;
    let documented: Value =
        serde_json::from_str(include_str!("../data/list_batches_200.json")).unwrap();
    let keys = |value: &Value| {
        value
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<BTreeSet<_>>()
    };
    assert_eq!(keys(&body), keys(&documented));
    let known = keys(&documented["_embedded"]["batches"][0]);
    let rows = body["_embedded"]["batches"].as_array().unwrap();
    let sources: BTreeSet<_> = rows
        .iter()
        .map(|row| row["batchSource"].as_str().unwrap())
        .collect();
    assert_eq!(sources.len(), 4);
    for row in rows {
        assert!(keys(row).is_subset(&known), "{row}");
        assert!(
            row["batchCaEndpoints"].is_array() && row["_links"]["reports"][0]["href"].is_string()
        );
        assert_eq!(
            row.get("totals").is_none(),
            row["batchSource"] == "AMEX_REGISTRY_API"
        );
    }
}

#[tokio::test]
async fn endless_paging_always_has_new_ids() {
    let (client, _) = with_batches("page", 1).await;
    client
        .fault(
            json!({ "endpoint": "list", "times": 0 }),
            json!({ "kind": "endless_paging" }),
        )
        .await;
    let mut seen = BTreeSet::new();
    for offset in 0..5 {
        let (ids, next) = page(
            &client
                .json(&format!("{BATCHES}?offset={offset}&limit=7"))
                .await,
        );
        seen.extend(ids);
        assert!(next.is_some());
    }
    assert_eq!(seen.len(), 35);
}

#[tokio::test]
async fn a_repeated_page_never_has_a_new_id() {
    let (client, ids) = with_batches("record", 3).await;
    client
        .fault(
            json!({ "endpoint": "list", "times": 0 }),
            json!({ "kind": "repeat_page" }),
        )
        .await;
    for offset in [0, 3, 600] {
        let (again, next) = page(
            &client
                .json(&format!("{BATCHES}?offset={offset}&limit=3"))
                .await,
        );
        assert_eq!(again.into_iter().collect::<BTreeSet<_>>(), ids);
        assert!(next.is_some());
    }
}

#[tokio::test]
async fn a_list_that_shifts_repeats_rows_and_grows() {
    let (client, _) = with_batches("record", 4).await;
    client
        .fault(json!({ "endpoint": "list" }), json!({ "kind": "shifting" }))
        .await;
    let first = client.json(&format!("{BATCHES}?offset=0&limit=2")).await;
    let second = client.json(&format!("{BATCHES}?offset=2&limit=2")).await;
    assert_eq!((&first["total"], &second["total"]), (&json!(4), &json!(5)));
    assert_eq!(page(&first).0[1], page(&second).0[0]);
}

#[tokio::test]
async fn next_can_point_elsewhere() {
    let (client, _) = with_batches("page", 1).await;
    client
        .fault(
            json!({ "endpoint": "list" }),
            json!({ "kind": "next_link", "host": "evil.example" }),
        )
        .await;
    let (_, next) = page(&client.json(BATCHES).await);
    assert!(
        next.unwrap()
            .starts_with("http://evil.example/accountupdater/")
    );
    assert_eq!(page(&client.json(BATCHES).await).1, None);
}
