//! The formats on disk, pinned: a keyring and a sealed file written by version 0.1 must open for
//! ever.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::*;

const MASTER: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

const KEYRING: &str = r#"{
  "format": 1,
  "check_value": "fe9e5ec0",
  "wrapping_keys": [
    {
      "version": 1,
      "created": "2026-11-22T06:30:04Z",
      "wrapped": "xI1PNW2gdgUUP6gYl4MbasQo0bf8PWiFSGwBSHAc2aP45SrFrh179+Du/vTOvUpOO4I3ERHxoWLqs8Xz"
    }
  ],
  "mac": "bR+5QpVHdndSwKa6xvcHXG4QCjnf2DGc7ekP0zKElJE="
}
"#;

const KEYRING_WITH_FINGERPRINTS: &str = r#"{
  "format": 1,
  "check_value": "fe9e5ec0",
  "wrapping_keys": [
    {
      "version": 1,
      "created": "2026-11-22T06:30:04Z",
      "wrapped": "X0M4Z78BRlLZ4GwXCZtAm2lnYk/mHOONuBeaJ1/Po/B3uKabGm0o/m0BFCR6Acg2aDkhMlsaKWvo0hnf"
    }
  ],
  "fingerprint_key": "z98BTDZcPZlTP7R0eHL4UHPnIeS7dl43cevrbL1QxuSJhm/J90iYKm1zgbXM8VHPbdU8K/GvRqMsrKdM",
  "mac": "AjR48wo9xIxiGcZY+FkchKR/g7Ba+sxJt7hManUvLOk="
}
"#;

const SEALED: &str = "UkVJU1NVRTEBAA/Hy2bZ0RXkbmZCGl9rpoWTlWT572KN4ZUDxeRSxV6T+OmQ24Ess3\
    2pmaXXhanEI7ZPi82KfsY+ZXbuMBMAAADImoJsZ4Gy/IBvAC/kuTqGNqvqEwAAAJ7YmVMYxUX+kwLerjvYQr64biUQAAA\
    AIZBeOhaX97yBJV07twsIhA==";

#[test]
fn what_version_0_1_wrote_opens() {
    let dir = tempfile::tempdir().unwrap();
    let keyring_path = dir.path().join("keyring.json");
    let path = dir.path().join("spool");
    fs::write(&keyring_path, KEYRING).unwrap();
    fs::write(&path, BASE64_STANDARD.decode(SEALED).unwrap()).unwrap();

    let master = MasterKey::from_base64(&MASTER.into()).unwrap();
    let keyring = Keyring::open(&keyring_path, &master).unwrap();
    let reader = SealedReader::open(&path, &keyring, "spool/acme-uk/1").unwrap();

    let (frames, error) = read_all(reader);
    assert_eq!(frames, [b"one", b"two"]);
    assert!(error.is_none(), "{error:?}");
}

#[test]
fn a_keyring_without_a_key_of_fingerprints_gets_one_for_good() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("keyring.json");
    fs::write(&path, KEYRING).unwrap();
    let master = MasterKey::from_base64(&MASTER.into()).unwrap();
    let sign = || {
        let keyring = Keyring::open(&path, &master).unwrap();
        assert!(keyring.wrapper(1).is_some());
        keyring.mac_key(&["pan"]).sign(b"4111111111111111")
    };
    let first = sign();
    assert_eq!(sign(), first);
}

/// The same card must have the same fingerprint in every later version, or it is paid for again.
#[test]
fn fingerprints_are_pinned() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("keyring.json");
    fs::write(&path, KEYRING_WITH_FINGERPRINTS).unwrap();
    let master = MasterKey::from_base64(&MASTER.into()).unwrap();
    let keyring = Keyring::open(&path, &master).unwrap();
    let mac = keyring.mac_key(&["token", "a", "b"]).sign(b"card");
    assert_eq!(
        u128::from_be_bytes(mac),
        256_135_760_441_067_541_579_719_666_651_505_502_362
    );
}
