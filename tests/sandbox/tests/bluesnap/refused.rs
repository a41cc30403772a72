//! What the provider does not accept.

use reqwest::Method;

use crate::client::{PATH, question, sandbox, texts};

const CARD: (&str, &str, &str) = ("4111111111111111", "04", "2027");

#[tokio::test]
async fn only_good_credentials_are_accepted() {
    let client = sandbox(&[]).await;
    let kind = ("content-type", "application/xml");
    let target = format!("{PATH}/b-1");
    let good = client.authorization.clone();
    // The batch is unknown, and the user is not.
    assert_eq!(
        client.odd(&target, &[("authorization", &good), kind]).await,
        403
    );
    for wrong in [
        good.replace("Basic ", "Basic  "),
        good.replace("Basic ", "Bearer "),
        "Basic QVBJXzE3Ondyb25n".into(),
        "Basic !".into(),
    ] {
        let status = client
            .odd(&target, &[("authorization", &wrong), kind])
            .await;
        assert_eq!(status, 401, "{wrong}");
    }
    assert_eq!(client.odd(&target, &[kind]).await, 401);
    let requests = client.control("requests").await["requests"].take();
    let refused = requests.as_array().unwrap().iter();
    let refused: Vec<_> = refused.filter_map(|one| one["refused"].as_str()).collect();
    assert_eq!(refused.len(), 5);
    assert_eq!(refused[0], "there is more than one space after `Basic`");
}

#[tokio::test]
async fn the_type_of_the_body_is_wanted_where_there_is_none() {
    let client = sandbox(&[]).await;
    client.create("b-1", &[CARD]).await;
    let good = client.authorization.clone();
    let target = format!("{PATH}/b-1");
    assert_eq!(client.odd(&target, &[("authorization", &good)]).await, 415);
}

#[tokio::test]
async fn a_question_is_as_documented_or_refused_as_a_whole() {
    let client = sandbox(&[]).await;
    let good = question("b-1", &[CARD]);
    let many = vec![CARD; 2001];
    let refused = [
        (
            good.replace("http://ws.plimus.com", "http://other.test"),
            "is not in",
        ),
        (
            good.replace("batch-account-update", "batch"),
            "batch is not expected",
        ),
        (format!("<!DOCTYPE x>{good}"), "only elements and texts"),
        (
            good.replace("<card-number>", "<card-type>VISA</card-type><card-number>"),
            "card-number is not expected here",
        ),
        (
            good.replace("<card-number>", "<cvv>1</cvv><card-number>"),
            "cvv is not expected here",
        ),
        (good.replace("k1", ""), "are required"),
        (good[..good.len() - 5].to_owned(), ""),
        (question("b-1", &many), "1 to 2000 cards, not 2001"),
        (question(&"b".repeat(26), &[CARD]), "1 to 25 characters"),
        (question("", &[CARD]), "1 to 25 characters"),
    ];
    for (body, why) in refused {
        let answer = client.post(&body).await;
        assert_eq!(answer.status(), 400, "{why}");
        let answer = answer.text().await.unwrap();
        assert!(
            answer.contains("<messages xmlns=\"http://ws.plimus.com\">"),
            "{answer}"
        );
        assert!(texts(&answer, "description")[0].contains(why), "{answer}");
    }
    assert_eq!(client.post(&good).await.status(), 200);
    assert_eq!(client.create("b-2", &many[..2000]).await.status(), 200);
}

#[tokio::test]
async fn an_id_is_taken_once() {
    let client = sandbox(&[]).await;
    assert_eq!(client.create("b-1", &[CARD]).await.status(), 200);
    assert_eq!(client.create("b-1", &[CARD]).await.status(), 400);
    let submitted = client.control("bluesnap/submitted").await;
    assert_eq!(submitted["API_17000000000001"]["questions"], 1);
}

#[tokio::test]
async fn there_is_nothing_else() {
    let client = sandbox(&[]).await;
    for (method, target, status) in [
        (Method::PUT, PATH.to_owned(), 405),
        (Method::DELETE, format!("{PATH}/b-1"), 405),
        (Method::GET, "/services/2/transactions".into(), 403),
    ] {
        let answer = client.try_send(method, &target, "").await.unwrap();
        assert_eq!(answer.status(), status, "{target}");
    }
}
