//! Bad input: what an operator reads, pinned word for word, and with which exit code.
//!
//! How TOML itself goes wrong is pinned in `config/tests`; here is what needs connectors, secrets, keys
//! and a daemon.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use reissue_tests::{Daemon, Pinned, World};
use serde_json::Value;

/// The configuration or a key is wrong.
const CONFIGURATION: Option<i32> = Some(78);
/// The daemon cannot be reached, or another one holds the state.
const UNAVAILABLE: Option<i32> = Some(69);
/// Wrong usage.
const USAGE: Option<i32> = Some(64);

/// What stands in no text, whatever is wrong with it.
const SECRET: &str = "hunter2";

/// What is wrong, and the line of a good configuration that is replaced, by how it begins.
#[rustfmt::skip]
const BAD: [(&str, &str, &str); 41] = [
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
    ("a base_url in the clear", "base_url", r#"base_url = "http://api.example.com""#),
    ("a base_url with a path", "base_url", r#"base_url = "https://api.example.com/v1""#),
    ("an unknown kind of sink", "kind", r#"kind = "ftp""#),
    ("an unknown group", "kind", "kind = \"files\"\ngroup = \"no-such-group\""),
    ("what is no age recipient", "kind", "kind = \"files\"\nrecipients = [\"acme@example.com\"]"),
    ("a mistyped age recipient", "kind", "kind = \"files\"\nrecipients = [\"age1qqqqqqqqqqqqqqqqqqqq\"]"),
];

#[test]
fn check_and_daemon_earn_the_same_text_for_a_bad_configuration() {
    let world = World::new();
    secret_file(&world, "open", 0o644);
    secret_file(&world, "closed", 0o600);
    let good = world.config();
    let mut pinned = Pinned::new("configuration");

    let one_each = BAD.map(|(heading, line, bad)| (heading, with_line(&good, line, bad)));
    let several = BAD.iter().filter(|(heading, ..)| {
        ["an unknown job", "no secret", "an unknown group"].contains(heading)
    });
    let several = several.fold(good.clone(), |config, (_, line, bad)| {
        with_line(&config, line, bad)
    });
    for (heading, config) in one_each.into_iter().chain([("several problems", several)]) {
        world.set_config(&in_world(&world, &config));
        let checked = world.reissue(&["check"]);
        assert_eq!(checked.code, CONFIGURATION, "{heading}: {}", checked.out);
        assert_eq!(checked.out, "", "{heading}");
        assert_eq!(
            last_words(&mut world.start()),
            (checked.code, checked.err.clone()),
            "{heading}"
        );
        assert!(!checked.err.contains(SECRET), "{heading}: {}", checked.err);
        pinned.add(heading, &out_of_world(&world, &checked.err));
    }
    pinned.compare();

    world.set_config(&good);
    world.reissue(&["check"]).ok();
}

#[test]
fn a_wrong_key_or_keyring_is_told_apart() {
    let world = World::new();
    let key = world.path("key");
    let ring = world.path("state/keyring.json");
    let mut pinned = Pinned::new("keys");
    let mut refused = |heading| {
        let checked = world.reissue(&["check"]);
        assert_eq!(checked.code, CONFIGURATION, "{heading}: {}", checked.out);
        assert_eq!(
            last_words(&mut world.start()),
            (checked.code, checked.err.clone()),
            "{heading}"
        );
        pinned.add(
            heading,
            &without_check_values(&out_of_world(&world, &checked.err)),
        );
    };
    let (good_key, good_ring) = (fs::read(&key).unwrap(), fs::read_to_string(&ring).unwrap());

    for (heading, text) in [
        ("a key of a wrong length", "aHVudGVyMg=="),
        ("a key that is no base64", "hunter2 hunter2"),
        (
            "another key",
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        ),
    ] {
        fs::write(&key, text).unwrap();
        refused(heading);
    }
    fs::remove_file(&key).unwrap();
    refused("no key");
    fs::write(&key, good_key).unwrap();
    fs::set_permissions(&key, Permissions::from_mode(0o600)).unwrap();

    fs::write(&ring, "not a keyring").unwrap();
    refused("a keyring that is none");
    fs::write(&ring, good_ring.replace("\"version\": 1", "\"version\": 2")).unwrap();
    refused("a keyring that somebody edited");
    fs::remove_file(&ring).unwrap();
    refused("no keyring");

    fs::write(&ring, good_ring).unwrap();
    world.reissue(&["check"]).ok();
    pinned.compare();
}

#[test]
fn a_library_that_is_no_connector_of_ours_is_named_and_not_used() {
    let world = World::new();
    let directory = world.path("connectors");
    let ours = directory.join("libreissue_smartpayfuse.so");
    let kept = world.path("kept.so");
    fs::rename(&ours, &kept).unwrap();
    let install = |name: &str, from: &Path| install(from, &directory.join(name));
    let another = |name: &str| {
        install(name, &kept);
        let mut code = fs::read(&kept).unwrap();
        code.extend(name.as_bytes());
        fs::write(directory.join(name), code).unwrap();
    };
    let scenes: [(&str, &dyn Fn()); 8] = [
        ("nothing there", &|| {}),
        ("a text", &|| {
            fs::write(directory.join("x.so"), "no library\n").unwrap();
        }),
        ("a library of the system", &|| {
            install("x.so", &library_of_the_system())
        }),
        ("a link", &|| {
            std::os::unix::fs::symlink(&kept, directory.join("x.so")).unwrap();
        }),
        ("a file that others could change", &|| {
            install("x.so", &kept);
            set_mode(&directory.join("x.so"), 0o664);
        }),
        ("a directory that others could change", &|| {
            install("x.so", &kept);
            set_mode(&directory, 0o775);
        }),
        ("two that say the same name", &|| {
            another("x.so");
            another("y.so");
        }),
        ("three that say the same name", &|| {
            another("x.so");
            another("y.so");
            another("z.so");
        }),
    ];

    let mut pinned = Pinned::new("libraries");
    for (heading, set) in scenes {
        set_mode(&directory, 0o755);
        for entry in fs::read_dir(&directory).unwrap() {
            fs::remove_file(entry.unwrap().path()).unwrap();
        }
        set();
        let checked = world.reissue(&["check"]);
        assert_eq!(checked.code, CONFIGURATION, "{heading}: {}", checked.out);
        let (code, _) = last_words(&mut world.start());
        assert_eq!(code, CONFIGURATION, "{heading}");
        let listed = world.reissue(&["connectors", "list"]).ok();
        let said = format!("{}\n{}", checked.err, listed.out);
        pinned.add(heading, &out_of_world(&world, &said));
    }
    pinned.compare();
}

#[test]
fn a_library_that_is_not_ours_keeps_no_other_from_its_work() {
    let world = World::new();
    let stranger = world.path("connectors/x.so");
    fs::write(&stranger, "no library\n").unwrap();
    let sentence = format!("{} cannot be loaded: ", stranger.display());

    let checked = world.reissue(&["check"]).ok();
    assert!(
        checked.out.starts_with(&format!("not used: {sentence}")),
        "{}",
        checked.out
    );

    let mut daemon = world.daemon();
    let warned = daemon.said("A connector is not used.");
    assert_eq!(warned.len(), 1);
    assert_eq!(warned[0]["file"], stranger.to_str().unwrap());
    let status = world.reissue(&["status"]).ok();
    assert!(status.out.contains(&sentence), "{}", status.out);
}

#[test]
fn a_second_daemon_on_the_same_state_goes_away() {
    let world = World::new();
    let _daemon = world.daemon();

    let (code, text) = last_words(&mut world.start());

    assert_eq!(code, UNAVAILABLE);
    assert_eq!(
        out_of_world(&world, &text),
        "error: another reissue daemon uses WORLD/state: stop it first, or give this one its own \
         state_dir\n"
    );
    world.reissue(&["status"]).ok();
}

#[test]
fn a_reload_with_a_problem_keeps_what_runs() {
    let world = World::new();
    let mut daemon = world.daemon();
    let good = world.config();

    world.set_config(&with_line(&good, "job", "job = \"amex-dayly\""));
    let refused = world.reissue(&["reload"]);
    assert_eq!(refused.code, CONFIGURATION, "{}", refused.err);
    assert!(
        refused
            .err
            .starts_with("error: connector `smartpayfuse` has no job `amex-dayly`"),
        "{}",
        refused.err
    );
    daemon.until("The configuration was not reloaded; the old one stays.");

    world.set_config(&good.replace("/state\"", "/elsewhere\""));
    let refused = world.reissue(&["reload"]);
    assert_eq!(refused.code, CONFIGURATION, "{}", refused.err);
    assert_eq!(
        refused.err,
        "error: [daemon] and [admin] take effect at a restart only; nothing was changed: restart the \
         daemon, or put them back\n"
    );

    world.set_config(&good);
    assert_eq!(world.run("amex-daily")["served"], true);
    let reloaded = world.reissue(&["reload"]).ok();
    assert_eq!(reloaded.out, "reloaded: 1 accounts, 2 schedules, 1 sinks\n");
}

#[test]
fn a_command_that_cannot_be_done_says_what_can() {
    let world = World::new();
    let mut pinned = Pinned::new("commands");
    let mut refused = |arguments: &[&str], code| {
        let said = world.reissue(arguments);
        let command = arguments.join(" ");
        assert_eq!((said.code, said.out.as_str()), (code, ""), "{command}");
        pinned.add(&command, &out_of_world(&world, &said.err));
    };

    for command in [&["run", "amex-daily"][..], &["reload"]] {
        refused(command, UNAVAILABLE);
    }
    let daemon = world.daemon();
    refused(&["run", "amex-dayly"], Some(1));
    refused(&["run", "settlements"], Some(1));
    refused(&["batch", "show", "42"], Some(1));
    refused(&["updates", "barclays-uk/42"], Some(1));
    refused(&["connectors", "inspect", "worldline"], Some(1));
    drop(daemon);
    refused(&["batch", "show", "barclays-uk/42"], Some(1));
    for command in [
        &["frobnicate"][..],
        &["run"],
        &["batch", "list", "--state", "lost"],
        &["schedules", "--from", "yesterday"],
        &["status", "--colour"],
    ] {
        refused(command, USAGE);
    }
    fs::remove_file(world.path("reissue.toml")).unwrap();
    refused(&["status"], CONFIGURATION);
    pinned.compare();
}

#[test]
fn every_listing_is_json_whether_or_not_the_daemon_runs() {
    let world = World::new();
    let batch = world
        .sandbox
        .batch(serde_json::json!({ "source": "AMEX_MAINTENANCE" }));
    let daemon = world.daemon();
    let run = world.run("amex-daily");
    assert_eq!(run["batches"][0]["state"], "delivered");

    let asked = || {
        let ask = |arguments: &[&str]| world.reissue(arguments).ok();
        assert_eq!(ask(&["check", "--json"]).json()["accounts"], 1);
        assert_eq!(ask(&["status", "--json"]).json()["batches"]["delivered"], 1);
        assert_eq!(ask(&["schedules", "--json"]).json(), serde_json::json!([]));
        let listed = ask(&["batch", "list", "--json"]).json();
        assert_eq!(listed[0]["key"], format!("barclays-uk/{batch}"));
        assert_eq!(
            ask(&["batch", "show", &batch, "--json"]).json()["key"],
            listed[0]["key"]
        );
        let counts = ask(&["updates", "--json"]).json();
        let counted = counts.as_array().unwrap().iter();
        assert_eq!(
            counted
                .map(|row| row["count"].as_u64().unwrap())
                .sum::<u64>(),
            10
        );
        let lines = ask(&["updates", &batch, "--json"]).out;
        let lines: Vec<Value> = lines
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines, world.delivered().batches[&batch]);
        let connectors = ask(&["connectors", "list", "--json"]).json();
        assert_eq!(connectors[0]["manifest"]["name"], "smartpayfuse");
        let one = ask(&["connectors", "inspect", "smartpayfuse"]).json();
        assert_eq!(
            one["settings"]["properties"]["merchant_id"]["type"],
            "string"
        );
        assert_eq!(
            ask(&["keys", "status", "--json"]).json()["wrapping_keys"][0]["version"],
            1
        );
    };
    asked();
    drop(daemon);
    asked();
}

#[test]
fn schedules_show_what_daylight_saving_time_does() {
    let world = World::new();
    let good = world.config();
    let zone = "cron = \"30 1 * * *\"\ntimezone = \"Europe/London\"";
    world.set_config(&with_line(&good, "cron", zone));
    let mut pinned = Pinned::new("schedules");
    for (heading, from, to) in [
        ("the clock goes forward", "2026-03-28", "2026-03-31"),
        ("the clock goes back", "2026-10-24", "2026-10-27"),
        (
            "nothing is due",
            "2026-10-24T12:00:00Z",
            "2026-10-24T13:00:00Z",
        ),
    ] {
        let shown = world.reissue(&["schedules", "--from", from, "--to", to]);
        pinned.add(heading, &shown.ok().out);
    }
    pinned.compare();
}

#[test]
fn every_command_explains_itself() {
    let world = World::new();
    let mut pinned = Pinned::new("help");
    pinned.add("reissue --help", &world.reissue(&["--help"]).ok().out);
    pinned.compare();
    explains_itself(&world, &[]);
}

/// Fails unless the command's help begins with a sentence and shows its usage, and so on for the
/// commands below it.
fn explains_itself(world: &World, command: &[&str]) {
    let help = world.reissue(&[command, &["--help"]].concat()).ok().out;
    let title = [&["reissue"], command].concat().join(" ");
    let mut lines = help.lines();
    assert!(
        lines.next().is_some_and(|line| line.contains(' ')),
        "{title}: {help}"
    );
    assert!(
        help.contains(&format!("\nUsage: {title} ")),
        "{title}: {help}"
    );
    let below = lines.skip_while(|line| *line != "Commands:").skip(1);
    let below = below.take_while(|line| !line.is_empty());
    for line in below.filter(|line| !line.starts_with("   ")) {
        let (name, about) = line.trim().split_once("  ").unwrap();
        assert!(about.contains(' '), "{title}: {line}");
        if name != "help" {
            explains_itself(world, &[command, &[name]].concat());
        }
    }
}

/// A configuration whose first line that begins so is another.
fn with_line(config: &str, begins: &str, line: &str) -> String {
    let mut lines: Vec<&str> = config.lines().collect();
    let place = lines.iter().position(|line| line.starts_with(begins));
    lines[place.unwrap_or_else(|| panic!("no line begins with `{begins}`"))] = line;
    lines.join("\n")
}

/// How a daemon that cannot start ends: its code, and what it said apart from log lines.
#[track_caller]
fn last_words(daemon: &mut Daemon) -> (Option<i32>, String) {
    let code = daemon.ended().code();
    let lines = daemon.log().iter();
    let words = lines.filter_map(Value::as_str);
    (code, words.map(|line| format!("{line}\n")).collect())
}

fn secret_file(world: &World, name: &str, mode: u32) {
    fs::write(world.path(name), format!("{SECRET} {SECRET}")).unwrap();
    set_mode(&world.path(name), mode);
}

fn in_world(world: &World, text: &str) -> String {
    text.replace(
        "WORLD",
        world.path("").to_str().unwrap().trim_end_matches('/'),
    )
}

fn out_of_world(world: &World, text: &str) -> String {
    text.replace(
        world.path("").to_str().unwrap().trim_end_matches('/'),
        "WORLD",
    )
}

/// Check values differ from key to key.
fn without_check_values(text: &str) -> String {
    let is_value = |word: &str| {
        let digits = word.trim_matches([',', ')', ';']);
        digits.len() == 8 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    let words = text.split(' ').map(|word| match is_value(word) {
        true => word.replace(word.trim_matches([',', ')', ';']), "VALUE"),
        false => word.to_owned(),
    });
    words.collect::<Vec<_>>().join(" ")
}

/// A library that this very process uses and that is certainly no connector.
fn library_of_the_system() -> PathBuf {
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let files = maps
        .lines()
        .filter_map(|line| line.split_whitespace().nth(5));
    let library = files.into_iter().find(|file| file.contains("/libgcc_s.so"));
    PathBuf::from(library.expect("unwinding is libgcc's"))
}

fn install(from: &Path, to: &Path) {
    fs::copy(from, to).unwrap();
    set_mode(to, 0o644);
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}
