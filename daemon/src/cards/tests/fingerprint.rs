//! What shares a fingerprint and what does not.

use super::*;

#[test]
fn a_card_number_is_the_same_card_in_every_account() {
    let state = State::new();
    let [one, other] = ["acme", "acme-us"]
        .map(|merchant| Fingerprints::of(&state.keyring, "some-provider", merchant));
    let elsewhere = Fingerprints::of(&State::new().keyring, "some-provider", "acme");
    let card = pan(1);
    let spaced = Pan::parse(
        &card
            .expose()
            .chars()
            .flat_map(|digit| [digit, ' '])
            .collect::<String>(),
    )
    .unwrap();

    let mac = one.fingerprint(&Number::Pan(&card));

    assert_eq!(mac, one.fingerprint(&Number::Pan(&spaced)));
    assert_eq!(mac, other.fingerprint(&Number::Pan(&card)));
    assert_ne!(mac, one.fingerprint(&Number::Pan(&pan(2))));
    assert_ne!(mac, elsewhere.fingerprint(&Number::Pan(&card)));
}

#[test]
fn a_token_means_something_in_its_own_vault_alone() {
    let state = State::new();
    let card = pan(1);
    let of = |connector: &str, merchant: &str, kind| {
        let number = Number::Token(kind, card.expose());
        Fingerprints::of(&state.keyring, connector, merchant).fingerprint(&number)
    };
    let acme = Fingerprints::of(&state.keyring, "some-provider", "acme");
    let prints = [
        of("some-provider", "acme", TokenKind::Customer),
        of("some-provider", "acme", TokenKind::PaymentInstrument),
        of("some-provider", "acme", TokenKind::InstrumentIdentifier),
        of("some-provider", "acme-us", TokenKind::Customer),
        of("other-provider", "acme", TokenKind::Customer),
        acme.fingerprint(&Number::Pan(&card)),
    ];
    for (at, print) in prints.iter().enumerate() {
        assert!(!prints[..at].contains(print), "{at}");
    }
    let again = of("some-provider", "acme", TokenKind::Customer);
    assert_eq!(again, prints[0]);
}
