//! Opening an account.

use reissue_connector_api::Fault;
use reissue_connector_api::testkit::FakeDaemon;
use serde_json::json;

use super::API_KEY;
use crate::Example;

#[test]
fn an_empty_merchant_is_refused() {
    let opened = FakeDaemon::open::<Example>(json!({ "merchant": "" }), &[API_KEY]);
    let expected = Fault::settings("`merchant` is empty: copy it from Example's portal");
    assert_eq!(opened.err(), Some(expected));
}
