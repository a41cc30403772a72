//! From the question to the results, as documented.

use crate::client::{sandbox, texts};

/// The cards of the documented results.
const DOCUMENTED: [(&str, &str, &str); 3] = [
    ("4012888888881881", "03", "2015"),
    ("4111111111111111", "04", "2016"),
    ("5555555555554444", "05", "2017"),
];

#[tokio::test]
async fn the_documented_cards_have_the_documented_results_after_five_days() {
    let client = sandbox(&[]).await;
    let acknowledged = client.create("b-1", &DOCUMENTED).await;
    assert_eq!(acknowledged.status(), 200);
    let acknowledged = acknowledged.text().await.unwrap();
    assert_eq!(texts(&acknowledged, "account-update-batch-id"), ["b-1"]);
    assert_eq!(texts(&acknowledged, "update-response-code"), ["000"; 3]);

    let early = client.retrieve("b-1").await;
    assert_eq!(early.status(), 200);
    let early = early.text().await.unwrap();
    assert!(early.starts_with("<?xml"), "{early}");
    assert_eq!(texts(&early, "response-code"), ["20005"]);
    assert_eq!(texts(&early, "update-response-code").len(), 0);

    client.advance("5d").await;
    let results = client.retrieve("b-1").await.text().await.unwrap();
    assert!(results.starts_with("<batch-account-update xmlns=\"http://ws.plimus.com\">"));
    assert_eq!(texts(&results, "account-update-batch-id").len(), 0);
    assert_eq!(texts(&results, "response-code"), ["0"]);
    assert_eq!(texts(&results, "merchant-updater-id"), ["k1", "k2", "k3"]);
    assert_eq!(
        texts(&results, "update-response-code"),
        ["506", "502", "500"]
    );
    let numbers = texts(&results, "card-number");
    assert_eq!(
        numbers,
        [
            "4012888888881881",
            "4111111111111111",
            "4111111111111111",
            "5555555555554444",
            "5156430030000095",
        ]
    );
    assert_eq!(
        texts(&results, "expiration-year"),
        ["15", "16", "19", "17", "18"]
    );
}

#[tokio::test]
async fn refused_cards_are_told_at_once_and_never_again() {
    let client = sandbox(&["--bluesnap-results-after", "0s"]).await;
    let cards = [
        ("4111111111111112", "04", "2027"),
        ("4111-1111 1111 1111", "04", "2027"),
        ("4111111111111111", "13", "2027"),
        ("4111111111111111", "04", "27"),
        ("3530111333300000", "04", "2027"),
    ];
    let acknowledged = client.create("b-1", &cards).await.text().await.unwrap();
    assert_eq!(
        texts(&acknowledged, "update-response-code"),
        ["301", "000", "320", "320", "390"]
    );
    let results = client.retrieve("b-1").await.text().await.unwrap();
    assert_eq!(texts(&results, "merchant-updater-id"), ["k2"]);
    let expected = client.control("bluesnap/expected/b-1").await;
    assert_eq!(
        (&expected["results"], &expected["rejected"]),
        (&1.into(), &4.into())
    );
}

#[tokio::test]
async fn every_code_occurs() {
    let client = sandbox(&["--bluesnap-results-after", "0s"]).await;
    let numbers = [
        "4263982640269299",
        "374245455400126",
        "5425233430109903",
        "4007702835532454",
        "378282246310005",
        "6011111111111117",
        "4242424242424242",
        "5105105105105100",
        "371449635398431",
    ];
    let cards = numbers.map(|number| (number, "04", "2027"));
    client.create("b-1", &cards).await;
    let results = client.retrieve("b-1").await.text().await.unwrap();
    assert_eq!(
        texts(&results, "update-response-code"),
        [
            "500", "501", "502", "503", "504", "505", "506", "507", "599"
        ]
    );
    let outcomes = client.control("bluesnap/expected/b-1").await["outcomes"].take();
    assert_eq!(outcomes.as_object().unwrap().len(), 9);
}

#[tokio::test]
async fn a_batch_is_known_for_45_days_and_to_its_own_user() {
    let client = sandbox(&["--bluesnap-username", "one,two"]).await.by("one");
    client.create("b-1", &DOCUMENTED).await;
    client.advance("1079h").await;
    assert_eq!(client.retrieve("b-1").await.status(), 200);
    let client = client.by("two");
    assert_eq!(client.retrieve("b-1").await.status(), 403);
    let client = client.by("one");
    client.advance("1h").await;
    assert_eq!(client.retrieve("b-1").await.status(), 403);
    let batch = &client.control("bluesnap").await["batches"][0];
    assert_eq!(batch["state"], "purged");
}
