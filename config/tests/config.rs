//! What a configuration says once it is right, and where.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use reissue_config::{
    Config, FilesSink, Level, Limits, Missed, Problems, Proxy, SecretRef, Sink, SinkFormat,
    SinkKind, Timings, load,
};

#[test]
fn the_documented_configuration_loads() {
    let config = load(Path::new("reissue.toml")).unwrap_or_else(|problems| panic!("{problems}"));
    let account = &config.accounts["barclays-uk"];
    assert_eq!(account.sinks, ["billing"]);
    assert_eq!(account.settings["merchant_id"], "acme_uk");
    let daily = &config.schedules["amex-daily"];
    assert_eq!(daily.timezone, chrono_tz::Europe::London);
    assert_eq!(daily.jitter, Duration::from_secs(300));
    assert_eq!(daily.expect_every, Some(Duration::from_hours(26)));
    // The examples beside it are read with it.
    for name in ["cardsync", "bluesnap"] {
        let account = &config.accounts[&format!("{name}-acme")];
        assert_eq!(account.sinks, ["vault"]);
        let weekly = &config.schedules[&format!("{name}-weekly")];
        assert_eq!(weekly.source, Some(format!("{name}-cards")));
    }
}

/// It is the manual: what it shows as a default must be the default.
#[test]
fn the_documented_configuration_shows_the_defaults() {
    let shown = load(Path::new("reissue.toml")).unwrap_or_else(|problems| panic!("{problems}"));
    let least = least();
    assert_eq!(shown.daemon.state_dir, least.daemon.state_dir);
    assert_eq!(shown.daemon.connector_dirs, least.daemon.connector_dirs);
    assert_eq!(shown.admin.socket, least.admin.socket);
    assert_eq!(shown.telemetry.log, least.telemetry.log);
    assert_eq!(
        shown.accounts["barclays-uk"].limits,
        least.accounts["acme"].limits
    );
    assert_eq!(
        shown.schedules["amex-daily"].missed,
        least.schedules["daily"].missed
    );
    let (Sink::Files(shown), Sink::Files(least)) =
        (&shown.sinks["billing"], &least.sinks["billing"])
    else {
        panic!("both are files");
    };
    assert_eq!(shown.format, least.format);
    assert_eq!(shown.mode, least.mode);
}

#[test]
fn what_is_not_written_has_its_default() {
    let config = least();
    assert_eq!(config.daemon.state_dir, Path::new("/var/lib/reissue"));
    assert_eq!(
        config.daemon.connector_dirs,
        [PathBuf::from("/usr/lib/reissue/connectors")]
    );
    assert_eq!(config.daemon.key, SecretRef::Env("REISSUE_KEY".to_owned()));
    assert_eq!(config.admin.socket, Path::new("/run/reissue/admin.sock"));
    assert_eq!(config.admin.listen, None);
    assert_eq!(config.telemetry.log, Level::Info);
    assert_eq!(config.telemetry.format, None);

    let account = &config.accounts["acme"];
    assert_eq!(account.settings, serde_json::json!({}));
    assert_eq!(account.timings, Timings::default());
    let Limits {
        requests_per_second,
        concurrent_calls,
        response_bytes,
        idle_timeout,
        call_timeout,
    } = account.limits.clone();
    assert_eq!((requests_per_second.get(), concurrent_calls.get()), (5, 2));
    assert_eq!(response_bytes, 16 * 1024 * 1024 * 1024);
    assert_eq!(idle_timeout, Duration::from_secs(60));
    assert_eq!(call_timeout, Duration::from_secs(3600));
    assert_eq!((&account.proxy, &account.ca), (&None, &None));

    let schedule = &config.schedules["daily"];
    assert_eq!(schedule.timezone, chrono_tz::UTC);
    assert_eq!(schedule.missed, Missed::RunOnce);
    assert_eq!(schedule.jitter, Duration::ZERO);
    assert_eq!(schedule.expect_every, None);
    assert_eq!(schedule.first_lookback, None);

    let files = FilesSink {
        kind: SinkKind::Files,
        dir: PathBuf::from("/var/spool/reissue"),
        format: SinkFormat::Jsonl,
        recipients: Vec::new(),
        plaintext: None,
        mode: 0o640,
        group: None,
    };
    assert_eq!(config.sinks["billing"], Sink::Files(files));
}

#[test]
fn the_parts_merge_in_the_order_of_their_names() {
    let config = written(&[
        ("reissue.toml", "[daemon]\nstate_dir = \"/srv/reissue\"\n"),
        ("conf.d/10-key.toml", "daemon.key = { env = \"K\" }\n"),
        (
            "conf.d/20.toml",
            "[sinks.a]\nkind = \"files\"\ndir = \"/a\"\n",
        ),
        ("conf.d/30.toml", "[sinks.b]\nkind = \"files\"\n"),
        ("conf.d/40.toml", "[sinks.b]\ndir = \"/b\"\n"),
        ("conf.d/50.toml.bak", "not TOML"),
        ("conf.d/.60.toml", "not TOML"),
    ])
    .unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(config.daemon.state_dir, Path::new("/srv/reissue"));
    assert_eq!(config.daemon.key, SecretRef::Env("K".to_owned()));
    assert_eq!(config.sinks.keys().collect::<Vec<_>>(), ["a", "b"]);
    let place = config.place(&["sinks", "b", "dir"]).unwrap();
    assert!(place.file().ends_with("conf.d/40.toml"), "{place}");
    assert_eq!((place.line(), place.column()), (2, 1));
}

#[test]
fn values_mean_what_they_say() {
    let config = written(&[(
        "reissue.toml",
        r#"
daemon.key = { credential = "key" }
admin.listen = "[::1]:8787"

[accounts.a]
connector = "example"
base_url = "http://localhost:9100/"
sinks = ["s"]
settings = { since = 2026-11-22, nested = { list = [1, 2.5, true] } }
limits = { response_bytes = "64KiB" }
proxy = "http://10.0.0.1:3128/"
ca = "/etc/reissue/ca.pem"
timings = { first_poll = "0s", kept_for = "10d" }

[accounts.b]
connector = "example"
base_url = "https://API.example.com:443"
sinks = ["s"]
secrets = { token = { file = "/etc/token" } }
proxy = { url = "https://Proxy.example", user = "acme", password = { env = "PROXY" } }

[schedules.s]
account = "a"
job = "daily"
cron = "15 30 6 * * MON"

[sinks.s]
kind = "files"
dir = "/s"
recipients = ["age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"]
plaintext = "i-accept"
mode = "600"

[sinks.push]
kind = "webhook"
url = "http://127.0.0.1:8080/hooks/hunter2?token=hunter2"
secrets = [{ env = "NEW" }, { env = "OLD" }]
include_pan = true
recipients = ["age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"]

[alarms]
url = "https://alerts.example.com"
secrets = [{ credential = "alarms" }]
"#,
    )])
    .unwrap_or_else(|problems| panic!("{problems}"));
    assert!(config.admin.listen.unwrap().ip().is_loopback());
    let origin = |name| config.accounts[name].base_url.as_ref().unwrap().as_str();
    assert_eq!(origin("a"), "http://localhost:9100");
    assert_eq!(origin("b"), "https://api.example.com");
    let proxy = |name| config.accounts[name].proxy.clone().unwrap();
    assert_eq!(proxy("a").url(), "http://10.0.0.1:3128");
    assert_eq!(proxy("b").url(), "https://proxy.example");
    let Proxy::Asking(login) = proxy("b") else {
        panic!("{:?}", proxy("b"));
    };
    assert_eq!(login.user, "acme");
    assert_eq!(login.password, SecretRef::Env("PROXY".to_owned()));
    let ca = config.accounts["a"].ca.as_deref();
    assert_eq!(ca, Some(Path::new("/etc/reissue/ca.pem")));
    assert_eq!(
        config.accounts["a"].settings,
        serde_json::json!({"since": "2026-11-22", "nested": {"list": [1, 2.5, true]}})
    );
    assert_eq!(config.accounts["a"].limits.response_bytes, 65_536);
    assert_eq!(
        config.accounts["a"].timings.first_poll,
        Some(Duration::ZERO)
    );
    assert_eq!(
        config.accounts["a"].timings.kept_for,
        Some(Duration::from_hours(240))
    );
    let at = |text: &str| text.parse::<chrono::DateTime<chrono::Utc>>().unwrap();
    assert_eq!(
        config.schedules["s"]
            .cron
            .find_next_occurrence(&at("2026-11-22T00:00:00Z"), false)
            .unwrap(),
        at("2026-11-23T06:30:15Z")
    );
    let Sink::Files(files) = &config.sinks["s"] else {
        panic!("{:?}", config.sinks["s"]);
    };
    assert_eq!(files.mode, 0o600);
    assert!(files.recipients[0].as_str().starts_with("age1ql3z7"));
    let Sink::Webhook(push) = &config.sinks["push"] else {
        panic!("{:?}", config.sinks["push"]);
    };
    assert_eq!(push.url.origin(), "http://127.0.0.1:8080");
    assert_eq!(push.url.path(), "/hooks/hunter2?token=hunter2");
    assert_eq!(
        push.secrets,
        [SecretRef::Env("NEW".into()), SecretRef::Env("OLD".into())]
    );
    assert!(push.include_pan && push.recipients.len() == 1);
    assert!(!format!("{push:?}").contains("hunter2"));
    let alarms = config.alarms.unwrap();
    assert_eq!(alarms.url.origin(), "https://alerts.example.com");
    assert_eq!(alarms.timeout, Duration::from_secs(30));
}

#[test]
fn a_place_is_the_key_or_its_nearest_ancestor() {
    let config = least();
    let place = |path: &[&str]| {
        let place = config.place(path)?;
        Some((place.line(), place.column()))
    };
    assert_eq!(place(&["accounts", "acme", "connector"]), Some((5, 1)));
    assert_eq!(place(&["accounts", "acme", "sinks", "0"]), Some((7, 10)));
    assert_eq!(place(&["accounts", "acme", "settings", "x"]), Some((4, 11)));
    assert_eq!(place(&["admin", "listen"]), None);
}

#[test]
fn the_daemon_adds_problems_of_its_own() {
    let config = written(&[(
        "reissue.toml",
        &LEAST.replace(
            "sinks = [\"billing\"]",
            "sinks = [\"billing\"]\nsettings = { merchant = \"acme\", password = \"hunter2\" }",
        ),
    )])
    .unwrap_or_else(|problems| panic!("{problems}"));
    let mut problems = Problems::default();
    problems.push(config.problem(&["schedules", "daily", "job"], "there is no job `daily`"));
    problems.push(
        config
            .problem(
                &["accounts", "acme", "settings", "password"],
                "unknown setting `password`",
            )
            .help("give it as one of the account's `secrets`"),
    );
    problems.push(config.problem(&["telemetry", "otlp"], "there is no collector"));
    let dir = problems.iter().next().unwrap().place().file().parent();
    let dir = format!("{}/", dir.unwrap().display());
    assert_eq!(
        problems.to_string().replace(&dir, ""),
        "\
error: there is no collector
--> reissue.toml

error: unknown setting `password`
 --> reissue.toml:8:33
  |
8 | settings = { merchant = \"acme\", password = \"*******\" }
  |                                 ^^^^^^^^
  |
  = help: give it as one of the account's `secrets`

error: there is no job `daily`
  --> reissue.toml:12:1
   |
12 | job = \"daily\"
   | ^^^
"
    );
}

const LEAST: &str = r#"[daemon]
key = { env = "REISSUE_KEY" }

[accounts.acme]
connector = "example"
environment = "test"
sinks = ["billing"]

[schedules.daily]
account = "acme"
job = "daily"
cron = "30 6 * * *"

[sinks.billing]
kind = "files"
dir = "/var/spool/reissue"
"#;

/// A configuration in which everything that can be left out is.
fn least() -> Config {
    written(&[("reissue.toml", LEAST)]).unwrap_or_else(|problems| panic!("{problems}"))
}

fn written(files: &[(&str, &str)]) -> Result<Config, Problems> {
    let dir = tempfile::tempdir().expect("a temporary directory");
    fs::create_dir(dir.path().join("conf.d")).expect("the directory is ours");
    for (name, text) in files {
        fs::write(dir.path().join(name), text).expect("the directory is ours");
    }
    load(&dir.path().join("reissue.toml"))
}
