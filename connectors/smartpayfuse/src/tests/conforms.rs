//! What every connector must keep, tried on each job with the payloads of the provider's documents.

use reissue_connector_api::conformance;
use reissue_connector_api::testkit::{Answer, Provider};
use serde_json::json;

use super::{CREATE, SECRET, data, list, recent, report, status};
use crate::SmartpayFuse;

/// The batch of the documented report of a registration.
const REGISTRATION: &str = "15416047164330001593314231";

conformance!(SmartpayFuse, provider());

fn provider() -> Provider {
    let account = json!({
        "merchant_id": "acme_uk", "key_id": "08c94330", "notification_email": "test@cybs.com"
    });
    let provider = Provider::new(account)
        .secret(SECRET.0, SECRET.1)
        .ready_word("COMPLETE");

    let daily = data!("report_amex_maintenance_200.json");
    let harvest = data!("report_scheduler_200.json");
    let registry = data!("report_amex_registry_200.json");
    let provider = listed(provider, "amex-daily", "AMEX_MAINTENANCE", daily);
    let provider = listed(provider, "harvest", "SCHEDULER", harvest);
    let provider = listed(provider, "registry-reports", "AMEX_REGISTRY_API", registry);
    let provider = listed(provider, "one-off-reports", "TOKEN_API", harvest);
    let provider = submitted(provider, "one-off", harvest);
    let provider = submitted(provider, "amex-registration", registry);
    let provider = reconciled(provider);
    // A registration without errors has no report, and the provider says so in two ways.
    [403, 404].into_iter().fold(provider, |provider, missing| {
        let body = r#"{"status":"COMPLETE","batchSource":"AMEX_REGISTRY_API"}"#;
        let exchanges = [
            (status(REGISTRATION), Answer::ok(body)),
            (report(REGISTRATION), Answer::new(missing, "")),
        ];
        provider.collect("registry-reports", REGISTRATION, exchanges)
    })
}

/// A job whose submission becomes a batch, which has this report.
fn submitted(provider: Provider, job: &str, body: &str) -> Provider {
    let document: serde_json::Value = serde_json::from_str(body).unwrap();
    let id = document["batchId"].as_str().unwrap_or("7");
    let created = json!({ "batchId": id, "batchItemCount": 2 }).to_string();
    let complete = r#"{"status":"COMPLETE"}"#;
    provider
        .submit(job, [(CREATE, Answer::new(202, created))])
        .collect(
            job,
            id,
            [
                (status(id), Answer::ok(complete)),
                (report(id), Answer::ok(body)),
            ],
        )
}

/// Of the two rows that somebody submitted one shows its reference only in its status.
fn reconciled(provider: Provider) -> Provider {
    let rows = json!([
        { "batchId": "8", "batchSource": "TOKEN_API", "merchantReference": "sub-2" },
        { "batchId": "9", "batchSource": "AMEX_REGISTRY_API" },
    ]);
    let page = json!({ "_embedded": { "batches": rows } }).to_string();
    let ours =
        r#"{"status":"RECEIVED","batchSource":"AMEX_REGISTRY_API","merchantReference":"sub-1"}"#;
    provider.reconcile(
        "one-off",
        [
            (recent(0), Answer::ok(page)),
            (status("9"), Answer::ok(ours)),
        ],
    )
}

/// A job whose listing shows one batch, which has this report.
fn listed(provider: Provider, job: &str, source: &str, body: &str) -> Provider {
    let document: serde_json::Value = serde_json::from_str(body).unwrap();
    let id = document["batchId"].as_str().unwrap_or("7");
    let row = json!({ "batchId": id, "batchSource": source, "status": "COMPLETE" });
    let page = json!({ "_embedded": { "batches": [row] } }).to_string();
    provider
        .discover(job, [(list(0), Answer::ok(page))])
        .collect(
            job,
            id,
            [
                (status(id), Answer::ok(row.to_string())),
                (report(id), Answer::ok(body)),
            ],
        )
}
