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
