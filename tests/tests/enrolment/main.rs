//! An account is admitted at its provider step by step, once, and what needs that waits for it.
#![allow(clippy::unwrap_used, reason = "a panic is how a test reports")]

mod kills;
mod leaks;
mod lost;
mod refused;
mod steps;
mod waits;

use reissue_tests::{Asks, Config, Said, World};

const IN_THE_CLEAR: &str = "plaintext = \"i-accept\"";

/// A test card whose answer is a new number.
const CARD: &str = "reference,pan,expiry\norder-1,4012000000000016,2027-04\n";

/// The partner has Interim Activation.
const INTERIM: [&str; 2] = ["--cardsync-enrolled-after", "0s"];

/// A world whose account of CardSync has the partner's key alone.
fn world(provider: &[&str]) -> World {
    let world = World::with_provider(&config(), provider);
    unenrolled(&world, "Acme");
    world
}

fn config() -> Config {
    Config::default()
        .in_sink(IN_THE_CLEAR)
        .asks(Asks::CardSync, "")
}

/// What CardSync must be told of a merchant, but its name.
const MERCHANT: &str = r#"description = "Bicycles", website = "https://acme.example", phone = "5555550100", receipt_email = "ops@acme.example", timezone = "UTC", fee_schedule_id = "fee1", primary_contact = { first_name = "Ada", last_name = "Adams", company = "Acme", address_line_1 = "1 Road", city = "Town", state = "VI", postal_code = "00850", country = "US", phone = "5555550100", email = "ops@acme.example" }"#;

const ENROLMENT: &str = r#"legal_business_name = "Acme Inc", type_of_biller = "both", total_number_of_records = 100, number_of_visa = 50, number_of_mastercard = 40, number_of_discover = 10, number_of_amex = 0, delivery_frequency = "monthly", mcc = "5968""#;

/// Leaves the account with the partner's key, and what is to be told of a merchant of this name.
fn unenrolled(world: &World, name: &str) {
    let lines = [
        "secrets = { partner_key = { file = \"WORLD/partner-key\" } }".to_owned(),
        format!("settings.enrolment = {{ {ENROLMENT} }}"),
        "settings.merchant = {}".to_owned(),
    ];
    world.edit("secrets = { merchant_key", &lines.join("\n"));
    merchant(world, name);
}

/// The merchant's name from now on.
fn merchant(world: &World, name: &str) {
    let user = format!(
        "user = {{ username = \"{name}\", email = \"ops@acme.example\", status = \"active\", role = \"admin\" }}"
    );
    let line = format!("settings.merchant = {{ name = \"{name}\", {user}, {MERCHANT} }}");
    world.edit("settings.merchant =", &line);
}

/// `reissue enrol cardsync`, with the terms accepted.
fn enrol(world: &World) -> Said {
    world.reissue(&[
        "enrol",
        "cardsync",
        "--accept-terms",
        "--name",
        "Ada Adams",
        "--title",
        "CFO",
    ])
}

/// `reissue enrol cardsync` once more, with these arguments.
fn enrol_again(world: &World, more: &[&str]) -> Said {
    world.reissue(&[&["enrol", "cardsync"], more].concat())
}

/// How many requests of this kind the provider has got.
fn asked(world: &World, endpoint: &str) -> u64 {
    let counts = &world.sandbox.requests()["counts"];
    counts[endpoint].as_u64().unwrap_or(0)
}
