//! Fetching secrets: what is taken, and what is refused in which words.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use reissue_config::SecretRef;
use secrecy::ExposeSecret;

#[test]
fn a_file_gives_its_text_without_one_end_of_line() {
    for (text, secret) in [
        ("hunter2", "hunter2"),
        ("hunter2\n", "hunter2"),
        ("hunter2\r\n", "hunter2"),
        ("hunter2\n\n", "hunter2\n"),
        (" hunter2 ", " hunter2 "),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let reference = file(dir.path(), text.as_bytes(), 0o640);
        let resolved = reference.resolve(None).unwrap();
        assert_eq!(resolved.expose_secret(), secret, "{text:?}");
    }
}

#[test]
fn a_credential_is_a_file_of_systemd_whatever_its_mode() {
    let dir = tempfile::tempdir().unwrap();
    file(dir.path(), b"hunter2\n", 0o444);
    let reference = SecretRef::Credential("secret".to_owned());
    let resolved = reference.resolve(Some(dir.path())).unwrap();
    assert_eq!(resolved.expose_secret(), "hunter2");
    assert_eq!(
        reference.resolve(None).unwrap_err().to_string(),
        "credential `secret` cannot be read: systemd gave this process no credentials \
         ($CREDENTIALS_DIRECTORY is not set); add LoadCredential= to the unit"
    );
    let other = SecretRef::Credential("other".to_owned());
    assert_eq!(
        other.resolve(Some(dir.path())).unwrap_err().to_string(),
        "credential `other` does not exist; add LoadCredential=other:/PATH to the unit"
    );
}

#[test]
fn a_variable_gives_its_value() {
    // Cargo sets it for every test.
    let reference = SecretRef::Env("CARGO_PKG_NAME".to_owned());
    let resolved = reference.resolve(None).unwrap();
    assert_eq!(resolved.expose_secret(), "reissue-config");
    let missing = SecretRef::Env("REISSUE_NO_SUCH_VARIABLE".to_owned());
    assert_eq!(
        missing.resolve(None).unwrap_err().to_string(),
        "environment variable `REISSUE_NO_SUCH_VARIABLE` does not exist; set it for the daemon, or name another place"
    );
}

#[test]
fn a_file_open_to_others_is_refused() {
    for mode in [0o644, 0o602, 0o601] {
        let dir = tempfile::tempdir().unwrap();
        let reference = file(dir.path(), b"hunter2", mode);
        assert_eq!(
            refusal(&reference, dir.path()),
            "file `DIR/secret` is open to every user of this machine; \
             run: chmod o= 'DIR/secret', and renew the secret"
        );
    }
}

#[test]
fn a_file_without_a_usable_secret_is_refused() {
    let too_large = [b'x'; 64 * 1024 + 1];
    for (bytes, refused) in [
        (&b""[..], "is empty; put the secret into it"),
        (b"\n", "is empty; put the secret into it"),
        (
            b"hunter\xff",
            "is not text in UTF-8; store a binary key as base64",
        ),
        (
            &too_large,
            "is larger than 64 KiB; it is probably the wrong file",
        ),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let reference = file(dir.path(), bytes, 0o600);
        let expected = format!("file `DIR/secret` {refused}");
        assert_eq!(refusal(&reference, dir.path()), expected);
    }
    let dir = tempfile::tempdir().unwrap();
    fs::set_permissions(dir.path(), Permissions::from_mode(0o700)).unwrap();
    let directory = SecretRef::File(dir.path().to_owned());
    assert_eq!(
        refusal(&directory, dir.path()),
        "file `DIR` cannot be read: is a directory"
    );
}

fn file(dir: &Path, bytes: &[u8], mode: u32) -> SecretRef {
    let path = dir.join("secret");
    fs::write(&path, bytes).expect("the directory is ours");
    fs::set_permissions(&path, Permissions::from_mode(mode)).expect("the file is ours");
    SecretRef::File(path)
}

fn refusal(reference: &SecretRef, dir: &Path) -> String {
    let refused = reference
        .resolve(None)
        .expect_err("it is unusable")
        .to_string();
    refused.replace(&dir.display().to_string(), "DIR")
}
