//! What every connector must keep, tried with the payloads of the provider's documents.

use reissue_connector_api::conformance;
use reissue_connector_api::testkit::{Answer, Provider};

use super::{
    BATCH, DONE, EVENT, EVENT_RESULTS, MERCHANT_KEY, PARTNER_KEY, RESULTS, STATUS, SUBMIT,
    SUBSCRIBE, UNSUBSCRIBE, data, notification, settings,
};
use crate::Cardsync;

conformance!(Cardsync, provider());

fn provider() -> Provider {
    let status = || (STATUS, Answer::ok(data!("v1_batch_status_200.json")));
    let enrolment = "GET /api/cardsync/enrollment";
    let request = "POST /api/cardsync/enrollment";
    let not_yet = || (enrolment, Answer::ok(data!("error_unknown_batch.json")));
    Provider::new(settings())
        .secret(PARTNER_KEY.0, PARTNER_KEY.1)
        .secret(MERCHANT_KEY.0, MERCHANT_KEY.1)
        .ready_word("completed")
        .submit(
            "inquiry",
            [(SUBMIT, Answer::ok(data!("v1_batch_create_200.json")))],
        )
        .collect(
            "inquiry",
            BATCH,
            [
                status(),
                (RESULTS, Answer::ok(data!("v1_batch_results_200.json"))),
            ],
        )
        .subscribe("amex-subscription", [(SUBSCRIBE, Answer::ok(DONE))])
        .unsubscribe("amex-subscription", [(UNSUBSCRIBE, Answer::ok(DONE))])
        .receive(notification(data!("amex_webhook_event.json")))
        .collect(
            "amex-subscription",
            EVENT,
            [(
                EVENT_RESULTS,
                Answer::ok(data!("amex_subscription_results_schema_200.json")),
            )],
        )
        .enrol([(
            enrolment,
            Answer::ok(data!("v1_enrollment_status_200.json")),
        )])
        .enrol([
            not_yet(),
            (request, Answer::ok(data!("v1_enrollment_request_200.json"))),
        ])
        .enrol([
            not_yet(),
            (request, Answer::ok(data!("v1_enrollment_pending_200.json"))),
        ])
}
