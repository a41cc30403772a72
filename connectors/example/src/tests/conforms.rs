//! What every connector must keep. Only the provider's answers are ours to give.

use reissue_connector_api::conformance;
use reissue_connector_api::testkit::{Answer, Provider};
use serde_json::json;

use super::{API_KEY, RECORDS, list, report};
use crate::Example;

conformance!(Example, provider());

fn provider() -> Provider {
    let page = json!({ "reports": [report("r-7", "ready")], "more": false });
    Provider::new(json!({ "merchant": "acme" }))
        .secret(API_KEY.0, API_KEY.1)
        .ready_word("ready")
        .discover("daily", [(list(1), Answer::ok(page.to_string()))])
        .collect(
            "daily",
            "r-7",
            [
                (
                    "GET /v1/reports/r-7",
                    Answer::ok(report("r-7", "ready").to_string()),
                ),
                ("GET /v1/reports/r-7/records", Answer::ok(RECORDS)),
            ],
        )
}
