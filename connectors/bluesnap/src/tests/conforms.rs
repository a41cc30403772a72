//! What every connector must keep. The clear answers to a question are built from BlueSnap's tables.

use reissue_connector_api::conformance;
use reissue_connector_api::testkit::{Answer, Provider};
use serde_json::json;

use super::{CREATE, PASSWORD, answer, data, retrieve, xml};
use crate::BlueSnap;

conformance!(BlueSnap, provider());

fn provider() -> Provider {
    let acknowledged = answer(
        "<account-update-batch-id>sub-1</account-update-batch-id>\
         <response-code>0</response-code><response-message>Valid Format</response-message>\
         <account-update><merchant-updater-id>k1</merchant-updater-id>\
         <update-response-code>000</update-response-code></account-update>\
         <account-update><merchant-updater-id>k2</merchant-updater-id>\
         <update-response-code>320</update-response-code></account-update>",
    );
    let not_ready = data!("retrieve_not_ready_200.xml");
    Provider::new(json!({ "username": "API_17" }))
        .secret(PASSWORD.0, PASSWORD.1)
        .submit("inquiry", [(CREATE, xml(acknowledged))])
        .reconcile("inquiry", [(retrieve("sub-1"), xml(not_ready))])
        .reconcile("inquiry", [(retrieve("sub-1"), Answer::new(403, ""))])
        .collect("inquiry", "b-7", [(retrieve("b-7"), xml(not_ready))])
        .collect(
            "inquiry",
            "b-7",
            [(retrieve("b-7"), xml(data!("retrieve_completed_200.xml")))],
        )
}
