//! The published schema of the configuration: it is what the types say, and it lets through what the
//! daemon does.
#![allow(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::fs;
use std::path::Path;

use jsonschema::Validator;
use reissue_config::configuration_schema;
use serde_json::Value;

#[test]
fn the_published_schema_is_what_the_types_say() {
    let schema = serde_json::to_string_pretty(&configuration_schema()).unwrap() + "\n";
    let file = "schema/reissue.schema.json";
    if std::env::var_os("REISSUE_PIN").is_some() {
        fs::write(file, &schema).unwrap();
    }
    assert!(
        fs::read_to_string(file).unwrap_or_default() == schema,
        "{file} is not what the types say; `cargo xtask schemas` writes it anew"
    );
}

#[test]
fn every_configuration_that_is_shown_passes() {
    let readme = fs::read_to_string("../README.md").unwrap();
    let blocks = readme.split("```toml\n").skip(1);
    let blocks = blocks.map(|block| block.split("```").next().unwrap().to_owned());
    let mut shown: Vec<String> = blocks.collect();
    assert!(!shown.is_empty(), "the README shows one");
    shown.extend([documented(), EVERY_FORM.to_owned()]);
    let examples = fs::read_dir("conf.d").unwrap();
    shown.extend(examples.map(|example| fs::read_to_string(example.unwrap().path()).unwrap()));
    let validator = validator();
    for toml in shown {
        let value = json(&toml);
        let wrong = validator.iter_errors(&value).map(|error| {
            let place = error.instance_path();
            format!("{place}: {error}")
        });
        assert_eq!(wrong.collect::<Vec<_>>(), [""; 0], "{toml}");
    }
}

/// It is the manual: what the schema knows, it explains.
#[test]
fn the_documented_configuration_shows_every_key() {
    let text = documented();
    let explained = |key: &str| {
        let forms = [
            format!("\n{key} ="),
            format!(" {key} ="),
            format!("[{key}"),
            format!(".{key}]"),
        ];
        forms.iter().any(|form| text.contains(form))
    };
    let mut keys = Vec::new();
    collect_keys(&configuration_schema(), &mut keys);
    assert!(keys.iter().any(|key| key == "poll_every"), "{keys:?}");
    keys.retain(|key| !explained(key));
    assert_eq!(keys, [""; 0]);
}

/// What an editor can see in one file, without knowing connectors and other sections.
#[test]
fn every_mistake_in_the_form_is_one_in_the_schema_too() {
    let validator = validator();
    for case in [
        "literal-secret",
        "missing-key",
        "name",
        "not-a-table",
        "proxy",
        "secret-reference",
        "unknown-key",
        "unknown-section",
        "webhook",
        "wrong-type",
        "wrong-value",
    ] {
        let file = Path::new("tests/problems").join(case).join("reissue.toml");
        let toml = fs::read_to_string(file).unwrap();
        assert!(!validator.is_valid(&json(&toml)), "{case}");
    }
}

fn validator() -> Validator {
    jsonschema::draft7::new(&configuration_schema()).unwrap()
}

fn json(toml: &str) -> Value {
    let table: toml::Table = toml::from_str(toml).unwrap_or_else(|why| panic!("{why}\n{toml}"));
    serde_json::to_value(table).unwrap()
}

fn documented() -> String {
    fs::read_to_string("reissue.toml").unwrap()
}

/// The names of all properties, at any depth.
fn collect_keys(schema: &Value, into: &mut Vec<String>) {
    match schema {
        Value::Object(object) => {
            for (word, below) in object {
                if let ("properties", Value::Object(properties)) = (word.as_str(), below) {
                    into.extend(properties.keys().cloned());
                }
                collect_keys(below, into);
            }
        }
        Value::Array(all) => all.iter().for_each(|one| collect_keys(one, into)),
        _ => {}
    }
}

/// Values in the forms that the documented configuration does not show.
const EVERY_FORM: &str = r#"
daemon.key = { file = "/etc/reissue/key" }
telemetry = { log = "debug", format = "json", otlp = { endpoint = "http://127.0.0.1:4318" } }

[accounts.acme]
connector = "example"
base_url = "http://localhost:9100/"
sinks = ["files"]
settings = { nested = { list = [1, 2.5, true] } }
secrets = { token = { env = "TOKEN" } }
proxy = { url = "https://proxy.example", user = "acme", password = { credential = "proxy" } }
ca = "/etc/reissue/ca.pem"
limits = { response_bytes = "512 MiB", idle_timeout = "1m 30s" }
timings = { first_poll = "0s", poll_every = "15m", kept_for = "10days", overdue_after = "3d" }

[accounts.other]
connector = "example"
environment = "test"
sinks = ["files"]
proxy = "http://10.0.0.1:3128"

[schedules.daily]
account = "acme"
job = "daily"
cron = "15 30 6 * * MON"
missed = "skip"
first_lookback = "45d"

[accounts.asking]
connector = "example"
environment = "test"
sinks = ["files"]
cards_per_day = 50000

[schedules.weekly]
account = "asking"
job = "inquiry"
cron = "0 2 * * MON"
source = "due"
due_within = "14d"
not_asked_within = "25d"
ask_at_least_every = "180d"

[sources.due]
kind = "jsonl"
path = "/var/spool/reissue/cards/*.jsonl.age"
identity = { file = "/etc/reissue/cards.key" }
settle = "0s"
keep_done = "/var/spool/reissue/done"

[sources.one]
kind = "csv"
path = "/cards.csv"

[sinks.files]
kind = "files"
dir = "/var/spool/reissue"
recipients = ["age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"]
plaintext = "i-accept"
mode = "600"
group = "billing"

[sinks.push]
kind = "webhook"
url = "http://127.0.0.1:8080/hooks"
secrets = [{ env = "NEW" }, { env = "OLD" }]
include_pan = true
recipients = ["age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"]
timeout = "10s"

[alarms]
url = "https://alerts.example.com"
secrets = [{ credential = "alarms" }]
"#;
