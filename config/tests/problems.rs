//! What an operator reads when the configuration is wrong, pinned word for word.
//!
//! Every folder of `tests/problems` is a configuration with faults, `problems.txt` in it the text
//! that it earns. `REISSUE_PIN=1 cargo test` writes the texts anew, to be read in the diff.

use std::fs;
use std::path::Path;

use reissue_config::{Problems, load};

#[test]
fn every_faulty_configuration_earns_its_text() {
    let mut cases = 0;
    for folder in fs::read_dir("tests/problems").unwrap() {
        let folder = folder.unwrap().path();
        let problems = load(&folder.join("reissue.toml")).expect_err("it is faulty");
        let pinned = folder.join("problems.txt");
        if std::env::var_os("REISSUE_PIN").is_some() {
            fs::write(&pinned, problems.to_string()).unwrap();
        }
        let expected = fs::read_to_string(&pinned).unwrap_or_default();
        assert_eq!(problems.to_string(), expected, "{}", folder.display());
        cases += 1;
    }
    assert!(cases > 0, "tests/problems is empty");
}

#[test]
fn a_missing_file_is_named() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(
        text(dir.path(), &refused(dir.path())),
        "\
error: this file cannot be read: it does not exist
--> DIR/reissue.toml
 = help: name the configuration with `-c PATH`
"
    );
}

#[test]
fn what_cannot_be_read_is_named_and_nothing_is_called_missing_for_it() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join("conf.d/10.toml")).unwrap();
    fs::write(
        dir.path().join("reissue.toml"),
        "[admin]\nsokcet = \"/a\"\n",
    )
    .unwrap();
    assert_eq!(
        text(dir.path(), &refused(dir.path())),
        "\
error: unknown key `sokcet` in `[admin]`
 --> DIR/reissue.toml:2:1
  |
2 | sokcet = \"**\"
  | ^^^^^^
  |
  = help: did you mean `socket`?

error: this file cannot be read: is a directory
--> DIR/conf.d/10.toml
"
    );
}

#[test]
fn a_file_that_is_not_utf_8_is_shown_at_the_first_wrong_byte() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(
        dir.path().join("reissue.toml"),
        b"[daemon]\nkey = { env = \"SCHL\xdcSSEL\" }\n",
    )
    .unwrap();
    assert_eq!(
        text(dir.path(), &refused(dir.path())),
        "\
error: this is not UTF-8, and TOML is always UTF-8
 --> DIR/reissue.toml:2:20
  |
2 | key = { env = \"SCHL\u{fffd}SSEL\" }
  |                    ^
"
    );
}

#[test]
fn one_line_names_place_fault_and_help() {
    let problems = load(Path::new("tests/problems/zone/reissue.toml")).unwrap_err();
    let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        lines[0],
        "tests/problems/zone/reissue.toml:17:12: there is no time zone `Europe/Londn`; \
         did you mean `Europe/London`?"
    );
    assert_eq!(lines.len(), problems.len());
}

#[test]
fn colour_adds_escapes_and_no_words() {
    let problems = load(Path::new("tests/problems/zone/reissue.toml")).unwrap_err();
    let coloured = problems.render(true);
    assert!(coloured.contains("\u{1b}["));
    let mut plain = String::new();
    for (position, part) in coloured.split("\u{1b}[").enumerate() {
        let text = part.split_once('m').map_or(part, |(_, text)| text);
        plain.push_str(if position == 0 { part } else { text });
    }
    assert_eq!(plain, problems.render(false));
}

#[test]
fn no_text_shows_a_secret() {
    for case in [
        "literal-secret",
        "duplicate-key",
        "syntax",
        "base-url",
        "webhook",
    ] {
        let file = Path::new("tests/problems").join(case).join("reissue.toml");
        let problems = load(&file).unwrap_err();
        let lines: String = problems.iter().map(ToString::to_string).collect();
        for text in [problems.render(true), problems.render(false), lines] {
            assert!(!text.to_lowercase().contains("hunter"), "{text}");
            assert!(!text.contains("aHVudGVy"), "{text}");
        }
    }
}

fn refused(dir: &Path) -> Problems {
    load(&dir.join("reissue.toml")).expect_err("it is faulty")
}

fn text(dir: &Path, problems: &Problems) -> String {
    problems
        .to_string()
        .replace(&dir.display().to_string(), "DIR")
}
