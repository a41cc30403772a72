//! What a provider does not want.

use super::*;

#[test]
fn a_merchants_name_that_is_taken_is_refused_and_can_be_changed() {
    let world = world(&INTERIM);
    merchant(&world, "Sandbox Merchant");
    let _daemon = world.daemon();

    let said = enrol(&world);

    assert_eq!(said.code, Some(79), "{said:?}");
    let why = "creating the merchant: HTTP 200: merchant name or username already exists; change what \
               `merchant` says (`name` and `user.username` must be CardSync's only ones) and enrol again";
    assert_eq!(
        said.out,
        format!("the provider refused to enrol account `cardsync`: {why}\n")
    );
    let status = world.reissue(&["status"]).ok().out;
    let person = format!(
        "cardsync was refused by the provider: {why}. Mend it, then `reissue enrol cardsync`"
    );
    assert!(status.contains(&person), "{status}");

    merchant(&world, "Acme");
    world.reissue(&["reload"]).ok();
    assert_eq!(
        enrol_again(&world, &[]).ok().out,
        "account `cardsync` is enrolled\n"
    );
}

#[test]
fn a_partners_key_that_is_wrong_is_said_and_can_be_mended() {
    let world = world(&INTERIM);
    let right = std::fs::read_to_string(world.path("partner-key")).unwrap();
    std::fs::write(world.path("partner-key"), "api_wrong").unwrap();
    let _daemon = world.daemon();

    let said = enrol(&world);

    assert_eq!(said.code, Some(78), "{said:?}");
    assert_eq!(
        said.out,
        "account `cardsync` could not be enrolled: creating the merchant: HTTP 401: unauthorized; \
         check `partner_key`. Then `reissue enrol cardsync` tries again\n"
    );
    assert!(world.sandbox.merchants("Acme").is_empty());
    std::fs::write(world.path("partner-key"), right).unwrap();
    world.reissue(&["reload"]).ok();
    enrol_again(&world, &[]).ok();
    assert_eq!(world.sandbox.merchants("Acme").len(), 1);
}

#[test]
fn terms_are_accepted_by_somebody() {
    let world = world(&[]);
    for (arguments, wanted) in [
        (&["--accept-terms"][..], "--name"),
        (&["--name", "Ada", "--title", "CFO"], "--accept-terms"),
        (
            &["--accept-terms", "--name", " ", "--title", "CFO"],
            "it is empty",
        ),
    ] {
        let said = enrol_again(&world, arguments);
        assert_eq!(said.code, Some(64), "{said:?}");
        assert!(said.err.contains(wanted), "{said:?}");
    }
}
