//! What consumers find: whole files, with the rights that were asked for, and nothing twice.

use std::fs;
use std::io::Read;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use age::secrecy::ExposeSecret;
use age::x25519::Identity;
use chrono::{DateTime, Utc};
use reissue_config::{FilesSink as Settings, Plaintext, SinkFormat, SinkKind};
use reissue_connector_api::{Found, FoundState, Origin};
use tempfile::TempDir;

use crate::ledger::{Batch, Event};
use crate::seal::{Keyring, MasterKey, SealedReader, SealedWriter};
use crate::sink::FilesSink;
use crate::sink::files::publish;

const PLAINTEXT: &str = "{\"id\":\"1\"}\n{\"id\":\"2\"}\n{\"id\":\"3\"}\n";

struct Place {
    directory: TempDir,
    keyring: Keyring,
}

impl Place {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let master = MasterKey::from_base64(&MasterKey::generate()).unwrap();
        let keyring = directory.path().join("keyring.json");
        Self {
            keyring: Keyring::create(&keyring, &master, now()).unwrap(),
            directory,
        }
    }

    fn sink(&self, change: impl FnOnce(&mut Settings)) -> FilesSink {
        let mut settings = Settings {
            kind: SinkKind::Files,
            dir: self.directory.path().join("spool/updates"),
            format: SinkFormat::Jsonl,
            recipients: Vec::new(),
            plaintext: Some(Plaintext::IAccept),
            mode: 0o640,
            group: None,
        };
        change(&mut settings);
        FilesSink::new(&settings).unwrap()
    }

    /// A spool that holds [`PLAINTEXT`] in two frames.
    fn spool(&self) -> SealedReader {
        let path = self.directory.path().join("sealed");
        let mut writer = SealedWriter::create(&path, &self.keyring, "spool/test").unwrap();
        let (first, second) = PLAINTEXT.split_at(22);
        for frame in [first, second] {
            writer.write_frame(&mut frame.as_bytes().to_vec()).unwrap();
        }
        writer.finish().unwrap();
        SealedReader::open(&path, &self.keyring, "spool/test").unwrap()
    }
}

fn now() -> DateTime<Utc> {
    "2026-11-22T06:30:04Z".parse().unwrap()
}

fn batch(account: &str, job: &str, id: &str) -> Batch {
    let event = Event::BatchFound {
        batch: format!("{account}/{id}").parse().unwrap(),
        job: job.into(),
        origin: Origin::Found,
        schedule: "daily".into(),
        found: Found::new(id, FoundState::Ready),
        first_poll: now(),
        purge: None,
        overdue: now(),
    };
    Batch::apply(None, &event, now()).unwrap()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn names(directory: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_batch_has_one_file_by_account_job_and_id() {
    let place = Place::new();
    let sink = place.sink(|_| {});
    let directory = place.directory.path().join("spool/updates");
    let path = |account, job, id| {
        let path = sink.path(&batch(account, job, id));
        path.strip_prefix(&directory).unwrap().to_owned()
    };
    assert_eq!(
        path("acme-uk", "amex-daily", "157"),
        PathBuf::from("acme-uk/amex-daily/157.jsonl")
    );
    assert_eq!(
        path("acme-uk", "amex-daily", "../../etc/passwd"),
        PathBuf::from("acme-uk/amex-daily/%2E.%2F..%2Fetc%2Fpasswd.jsonl")
    );
    assert_eq!(
        path("a", "b", ".hidden"),
        PathBuf::from("a/b/%2Ehidden.jsonl")
    );
}

#[test]
fn a_file_appears_whole_and_at_once() {
    let place = Place::new();
    let sink = place.sink(|_| {});
    let path = sink.path(&batch("acme-uk", "amex-daily", "157"));
    let directory = path.parent().unwrap();

    sink.write(&path, place.spool()).unwrap();
    assert_eq!(names(directory), [".157.jsonl.part"]);

    publish(&path).unwrap();
    assert_eq!(names(directory), ["157.jsonl"]);
    assert_eq!(fs::read_to_string(&path).unwrap(), PLAINTEXT);
}

#[test]
fn publishing_again_changes_nothing_and_brings_nothing_back() {
    let place = Place::new();
    let sink = place.sink(|_| {});
    let path = sink.path(&batch("acme-uk", "amex-daily", "157"));
    sink.write(&path, place.spool()).unwrap();
    publish(&path).unwrap();
    publish(&path).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), PLAINTEXT);

    // The consumer has taken it.
    fs::remove_file(&path).unwrap();
    publish(&path).unwrap();
    assert_eq!(names(path.parent().unwrap()), [""; 0]);
}

#[test]
fn what_an_interrupted_attempt_left_is_written_anew() {
    let place = Place::new();
    let sink = place.sink(|_| {});
    let path = sink.path(&batch("acme-uk", "amex-daily", "157"));
    sink.write(&path, place.spool()).unwrap();
    let elsewhere = place.directory.path().join("elsewhere");
    fs::write(&elsewhere, "untouched").unwrap();
    let temp = path.with_file_name(".157.jsonl.part");
    fs::remove_file(&temp).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &temp).unwrap();

    sink.write(&path, place.spool()).unwrap();
    publish(&path).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), PLAINTEXT);
    assert_eq!(fs::read_to_string(&elsewhere).unwrap(), "untouched");
}

#[test]
fn a_spool_that_is_damaged_is_not_published() {
    let place = Place::new();
    let sink = place.sink(|_| {});
    let path = sink.path(&batch("acme-uk", "amex-daily", "157"));
    place.spool();
    let sealed = place.directory.path().join("sealed");
    let whole = fs::read(&sealed).unwrap();
    fs::write(&sealed, &whole[..whole.len() - 1]).unwrap();
    let spool = SealedReader::open(&sealed, &place.keyring, "spool/test").unwrap();
    let error = sink.write(&path, spool).unwrap_err();
    assert!(
        error.to_string().contains("sealed ends too early"),
        "{error}"
    );
    assert!(!path.exists());
}

#[test]
fn files_and_directories_have_the_rights_that_were_asked_for() {
    // Whose group reads the files takes them away too.
    for (wanted, directories) in [
        (0o640, 0o770),
        (0o600, 0o700),
        (0o644, 0o775),
        (0o660, 0o770),
        (0o400, 0o700),
    ] {
        let place = Place::new();
        let sink = place.sink(|settings| settings.mode = wanted);
        let path = sink.path(&batch("acme-uk", "amex-daily", "157"));
        sink.write(&path, place.spool()).unwrap();
        publish(&path).unwrap();
        assert_eq!(mode(&path), wanted);
        let made = path.ancestors().skip(1).take(4);
        for directory in made {
            assert_eq!(mode(directory), directories, "{}", directory.display());
        }
    }
}

#[test]
fn a_directory_that_was_there_keeps_its_rights() {
    let place = Place::new();
    let sink = place.sink(|_| {});
    let path = sink.path(&batch("acme-uk", "amex-daily", "157"));
    let account = path.parent().unwrap().parent().unwrap();
    fs::create_dir_all(account).unwrap();
    fs::set_permissions(account, fs::Permissions::from_mode(0o2775)).unwrap();
    sink.write(&path, place.spool()).unwrap();
    assert_eq!(mode(account), 0o2775);
}

#[test]
fn the_group_gets_files_and_directories() {
    let place = Place::new();
    // A group that the test's user surely belongs to: its own, by number.
    let group = rustix::process::getegid().as_raw();
    let sink = place.sink(|settings| settings.group = Some(group.to_string()));
    let path = sink.path(&batch("acme-uk", "amex-daily", "157"));
    sink.write(&path, place.spool()).unwrap();
    publish(&path).unwrap();
    for path in path.ancestors().take(4) {
        assert_eq!(fs::metadata(path).unwrap().gid(), group);
    }
}

#[test]
fn a_group_that_does_not_exist_is_named() {
    let settings = Settings {
        kind: SinkKind::Files,
        dir: "/updates".into(),
        format: SinkFormat::Jsonl,
        recipients: Vec::new(),
        plaintext: None,
        mode: 0o640,
        group: Some("no-such-group".into()),
    };
    assert_eq!(
        FilesSink::new(&settings).unwrap_err(),
        (
            "group",
            "there is no group `no-such-group` on this host: make it, or name another".into()
        )
    );
}

#[test]
fn an_encrypted_file_opens_for_each_recipient_and_for_nobody_else() {
    let place = Place::new();
    let identities = [Identity::generate(), Identity::generate()];
    let sink = place.sink(|settings| {
        let recipients = identities.iter().map(|one| one.to_public().to_string());
        settings.recipients = recipients
            .map(|one| serde_json::from_value(one.into()).unwrap())
            .collect();
        settings.plaintext = None;
    });
    assert!(sink.encrypts());
    let path = sink.path(&batch("acme-uk", "amex-daily", "157"));
    assert!(path.ends_with("acme-uk/amex-daily/157.jsonl.age"));
    sink.write(&path, place.spool()).unwrap();
    publish(&path).unwrap();

    let encrypted = fs::read(&path).unwrap();
    assert!(encrypted.starts_with(b"age-encryption.org/v1\n"));
    for identity in &identities {
        assert_eq!(decrypted(&encrypted, identity).unwrap(), PLAINTEXT);
    }
    assert_eq!(decrypted(&encrypted, &Identity::generate()), None);
    let secret = identities[0].to_string();
    assert!(!String::from_utf8_lossy(&encrypted).contains(secret.expose_secret()));
}

fn decrypted(encrypted: &[u8], identity: &Identity) -> Option<String> {
    let decryptor = age::Decryptor::new(encrypted).unwrap();
    let mut plain = String::new();
    decryptor
        .decrypt(std::iter::once(identity as &dyn age::Identity))
        .ok()?
        .read_to_string(&mut plain)
        .unwrap();
    Some(plain)
}
