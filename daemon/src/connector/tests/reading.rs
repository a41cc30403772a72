//! What a connector is lent that reads a webhook call, and what it is not.

use reissue_connector_api::abi::host::Host;
use reissue_connector_api::{Fault, Kind, Outcome, Request, Update};

use crate::connector::reading::Reading;

#[test]
fn a_webhook_call_causes_no_request_and_no_update() {
    let mut reading = Reading::begin();
    let refused = [
        reading.http(Request::get("/")).map(drop),
        reading.read(1).map(drop),
        reading.emit(&Update::new(Outcome::Valid)),
        reading.next_card().map(drop),
    ];
    for refused in refused {
        let fault = refused.unwrap_err();
        assert_eq!((fault.kind, fault.sent), (Kind::Unsupported, false));
    }
    assert!(!reading.cancelled());
}

#[test]
fn a_card_number_in_a_fault_is_masked() {
    let fault = Fault::garbled("no event 4111111111111111");
    let settled: Result<(), Fault> = Reading::begin().settle(Err(fault));
    assert_eq!(settled.unwrap_err().message, "no event 411111XXXXXX1111");
}
