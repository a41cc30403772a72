//! A configuration or a key that is wrong: what an operator reads, pinned word for word.
//!
//! All ways in which TOML itself goes wrong are pinned in `config/tests`; here are those that take
//! connectors, secrets and keys, and that `reissue check` and `reissue daemon` say the same.
#![allow(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use reissue_tests::{Pinned, World};

/// The configuration or a key is wrong.
const CONFIGURATION: Option<i32> = Some(78);

/// What stands in no text, whatever is wrong with it.
const SECRET: &str = "hunter2";

/// What is wrong, and the line of a good configuration that is replaced, by how it begins.
#[rustfmt::skip]
const BAD: [(&str, &str, &str); 64] = [
    ("an unknown key", "sinks", r#"snks = ["billing"]"#),
    ("a wrong type", "log", r#"log = 3"#),
    ("an unknown word", "log", r#"log = "chatty""#),
    ("a relative path", "state_dir", r#"state_dir = "state""#),
    ("an unknown connector", "connector =", r#"connector = "worldline""#),
    ("an unknown connector, nearly right", "connector =", r#"connector = "smartpayfuze""#),
    ("an unknown job", "job", r#"job = "settlements""#),
    ("an unknown job, nearly right", "job", r#"job = "amex-dayly""#),
    ("an unknown account", "account", r#"account = "barclays-uk2""#),
    ("an unknown zone", "cron", "cron = \"30 6 * * *\"\ntimezone = \"Europe/Londn\""),
    ("a bad cron line", "cron", r#"cron = "61 6 * * *""#),
    ("a cron line that never falls due", "cron", r#"cron = "0 0 30 2 *""#),
    ("an unknown sink", "sinks", r#"sinks = ["biling"]"#),
    ("no sink", "sinks", r#"sinks = []"#),
    ("a key written down", "key", r#"key = "hunter2""#),
    ("a secret written down", "secrets", r#"secrets = { shared_secret = "hunter2" }"#),
    ("a credential without systemd", "secrets", r#"secrets = { shared_secret = { credential = "barclays" } }"#),
    ("a secret's file that does not exist", "secrets", r#"secrets = { shared_secret = { file = "/nonexistent/secret" } }"#),
    ("a secret's file that everybody can read", "secrets", r#"secrets = { shared_secret = { file = "WORLD/open" } }"#),
    ("an environment variable that does not exist", "secrets", r#"secrets = { shared_secret = { env = "REISSUE_NOT_SET" } }"#),
    ("a secret that is no base64", "secrets", r#"secrets = { shared_secret = { file = "WORLD/closed" } }"#),
    ("an unknown secret", "secrets", r#"secrets = { shared_secrt = { file = "WORLD/secret" } }"#),
    ("no secret", "secrets", ""),
    ("no settings", "settings", ""),
    ("an unknown setting", "settings", r#"settings = { merchant_id = "a", key_id = "b", colour = "blue" }"#),
    ("an unknown setting, nearly right", "settings", r#"settings = { merchant_id = "a", key_id = "b", portfolio = "c" }"#),
    ("a setting that is missing", "settings", r#"settings = { key_id = "b" }"#),
    ("a setting of a wrong type", "settings", r#"settings = { merchant_id = 3, key_id = "b" }"#),
    ("a setting of an unknown word", "settings", r#"settings = { merchant_id = "a", key_id = "b", auth = "jwd" }"#),
    ("a setting that fits no header", "settings", r#"settings = { merchant_id = "two words", key_id = "b" }"#),
    ("an unknown environment", "base_url", r#"environment = "moon""#),
    ("an unknown environment, nearly right", "base_url", r#"environment = "prodution""#),
    ("neither environment nor base_url", "base_url", ""),
    ("a private base_url", "base_url", r#"base_url = "https://10.0.0.7""#),
    ("the base_url of a cloud's metadata", "base_url", r#"base_url = "https://169.254.169.254""#),
    ("a private base_url behind a proxy", "base_url", "base_url = \"https://10.0.0.7\"\nproxy = \"http://10.0.0.1:3128\""),
    ("a base_url in the clear", "base_url", r#"base_url = "http://api.example.com""#),
    ("a base_url with a path", "base_url", r#"base_url = "https://api.example.com/v1""#),
    ("a proxy's password written down", "base_url", "environment = \"test\"\nproxy = \"http://acme:hunter2@proxy.example:3128\""),
    ("a proxy's password that does not exist", "base_url", "environment = \"test\"\nproxy = { url = \"http://proxy.example:3128\", user = \"acme\", password = { env = \"REISSUE_NOT_SET\" } }"),
    ("an authority's file that does not exist", "base_url", "environment = \"test\"\nca = \"/nonexistent/ca.pem\""),
    ("an authority's file without a certificate", "base_url", "environment = \"test\"\nca = \"WORLD/closed\""),
    ("an authority's file that is damaged", "base_url", "environment = \"test\"\nca = \"WORLD/damaged.pem\""),
    ("an authority's file that everybody can change", "base_url", "environment = \"test\"\nca = \"WORLD/anybodys.pem\""),
    ("a brake at nothing", "timings", "brake_updates = 0"),
    ("a brake above everything", "timings", "brake = { closed = 101 }"),
    ("a word where a yes or no belongs", "timings", r#"deliver = "no""#),
    ("a sink in the state", "dir", "dir = \"WORLD/state/updates\""),
    ("a source's identity that does not exist", "cron", "cron = \"30 6 * * *\"\n[sources.cards]\nkind = \"csv\"\npath = \"/cards/*.age\"\nidentity = { env = \"REISSUE_NOT_SET\" }"),
    ("a source's identity that is none", "cron", "cron = \"30 6 * * *\"\n[sources.cards]\nkind = \"csv\"\npath = \"/cards/*.age\"\nidentity = { file = \"WORLD/closed\" }"),
    ("an unknown kind of sink", "kind", r#"kind = "ftp""#),
    ("an unknown group", "kind", "kind = \"files\"\ngroup = \"no-such-group\""),
    ("what is no age recipient", "kind", "kind = \"files\"\nrecipients = [\"acme@example.com\"]"),
    ("a mistyped age recipient", "kind", "kind = \"files\"\nrecipients = [\"age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq\"]"),
    ("a webhook's secret that is none", "cron", "cron = \"30 6 * * *\"\n[sinks.push]\nkind = \"webhook\"\nurl = \"https://billing.example.com/hooks/hunter2\"\nsecrets = [{ file = \"WORLD/closed\" }]"),
    ("a webhook's secret that does not exist", "cron", "cron = \"30 6 * * *\"\n[sinks.push]\nkind = \"webhook\"\nurl = \"https://billing.example.com/hooks/hunter2\"\nsecrets = [{ env = \"REISSUE_NOT_SET\" }]"),
    ("a webhook without a secret", "cron", "cron = \"30 6 * * *\"\n[sinks.push]\nkind = \"webhook\"\nurl = \"https://billing.example.com/hooks/hunter2\"\nsecrets = []"),
    ("a webhook with three secrets", "cron", "cron = \"30 6 * * *\"\n[sinks.push]\nkind = \"webhook\"\nurl = \"https://billing.example.com/hooks/hunter2\"\nsecrets = [{ env = \"A\" }, { env = \"B\" }, { env = \"C\" }]"),
    ("full card numbers that nobody could open", "cron", "cron = \"30 6 * * *\"\n[sinks.push]\nkind = \"webhook\"\nurl = \"https://billing.example.com/hooks/hunter2\"\nsecrets = [{ file = \"WORLD/push-secret\" }]\ninclude_pan = true"),
    ("recipients without anything to open", "cron", "cron = \"30 6 * * *\"\n[sinks.push]\nkind = \"webhook\"\nurl = \"https://billing.example.com/hooks/hunter2\"\nsecrets = [{ file = \"WORLD/push-secret\" }]\nrecipients = [\"age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p\"]"),
    ("a webhook in the clear", "cron", "cron = \"30 6 * * *\"\n[sinks.push]\nkind = \"webhook\"\nurl = \"http://billing.example.com/hunter2\"\nsecrets = [{ file = \"WORLD/push-secret\" }]"),
    ("a webhook at a cloud's metadata", "cron", "cron = \"30 6 * * *\"\n[sinks.push]\nkind = \"webhook\"\nurl = \"https://169.254.169.254/hunter2\"\nsecrets = [{ file = \"WORLD/push-secret\" }]"),
    ("a webhook's authority that does not exist", "cron", "cron = \"30 6 * * *\"\n[sinks.push]\nkind = \"webhook\"\nurl = \"https://billing.example.com/hooks/hunter2\"\nsecrets = [{ file = \"WORLD/push-secret\" }]\nca = \"/nonexistent/ca.pem\""),
    ("alarms whose secret is none", "cron", "cron = \"30 6 * * *\"\n[alarms]\nurl = \"https://billing.example.com/hooks/hunter2\"\nsecrets = [{ file = \"WORLD/closed\" }]"),
];

#[test]
fn check_and_daemon_earn_the_same_text_for_a_bad_configuration() {
    let world = World::new();
    let secret = format!("{SECRET} {SECRET}");
    let damaged = "-----BEGIN CERTIFICATE-----\naHVudGVyMg==\n-----END CERTIFICATE-----\n";
    for (name, mode, text) in [
        ("open", 0o644, secret.as_str()),
        ("closed", 0o600, &secret),
        ("damaged.pem", 0o644, damaged),
        ("anybodys.pem", 0o666, damaged),
    ] {
        let file = world.path(name);
        fs::write(&file, text).unwrap();
        fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
    }
    let good = world.config();
    let mut pinned = Pinned::new("configuration");

    for (heading, line, bad) in BAD {
        world.edit(line, bad);
        refused(&world, heading, &mut pinned);
        world.set_config(&good);
    }
    for (heading, line, bad) in BAD {
        if ["an unknown job", "no secret", "an unknown group"].contains(&heading) {
            world.edit(line, bad);
        }
    }
    refused(&world, "several problems", &mut pinned);
    pinned.compare();

    world.set_config(&good);
    world.reissue(&["check"]).ok();
}

#[test]
fn a_wrong_key_or_keyring_is_told_apart() {
    let world = World::new();
    let (key, ring) = (world.path("key"), world.path("state/keyring.json"));
    let good_key = fs::read(&key).unwrap();
    let good_ring = fs::read_to_string(&ring).unwrap();
    let mut pinned = Pinned::new("keys");

    for (heading, text) in [
        ("a key of a wrong length", "aHVudGVyMg=="),
        ("a key that is no base64", "hunter2 hunter2"),
        (
            "another key",
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        ),
    ] {
        fs::write(&key, text).unwrap();
        refused(&world, heading, &mut pinned);
    }
    fs::remove_file(&key).unwrap();
    refused(&world, "no key", &mut pinned);
    fs::write(&key, good_key).unwrap();
    fs::set_permissions(&key, Permissions::from_mode(0o600)).unwrap();

    fs::write(&ring, "not a keyring").unwrap();
    refused(&world, "a keyring that is none", &mut pinned);
    let edited = good_ring.replace("\"version\": 1", "\"version\": 2");
    assert_ne!(edited, good_ring);
    fs::write(&ring, edited).unwrap();
    refused(&world, "a keyring that somebody edited", &mut pinned);
    fs::remove_file(&ring).unwrap();
    refused(&world, "no keyring", &mut pinned);
    pinned.compare();

    fs::write(&ring, good_ring).unwrap();
    world.reissue(&["check"]).ok();
}

/// Fails unless `check` and `daemon` refuse the configuration in the same words, which are pinned.
#[track_caller]
fn refused(world: &World, heading: &str, pinned: &mut Pinned) {
    let checked = world.reissue(&["check"]);
    assert_eq!(checked.code, CONFIGURATION, "{heading}: {}", checked.out);
    assert_eq!(checked.out, "", "{heading}");
    let started = world.start_refused();
    assert_eq!(
        (started.code, &started.err),
        (checked.code, &checked.err),
        "{heading}"
    );
    assert!(!checked.err.contains(SECRET), "{heading}: {}", checked.err);
    pinned.add(heading, &without_check_values(&world.neutral(&checked.err)));
}

/// Check values differ from key to key.
fn without_check_values(text: &str) -> String {
    let is_value = |word: &str| word.len() == 8 && word.bytes().all(|b| b.is_ascii_hexdigit());
    let words = text.split_inclusive([' ', ',', ')']).map(|word| {
        let bare = word.trim_end_matches([' ', ',', ')']);
        match is_value(bare) {
            true => word.replace(bare, "VALUE"),
            false => word.to_owned(),
        }
    });
    words.collect()
}
