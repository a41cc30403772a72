//! Reading a [`SecretRef`] from TOML.
//!
//! By hand, not derived: whatever stands here instead of a reference may be the secret itself, so no
//! message may repeat it.

use std::fmt;
use std::path::PathBuf;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

use super::SecretRef;
use crate::fault::fault;

const KINDS: &str =
    r#"write { credential = "NAME" }, { file = "/PATH" } or { env = "NAME" } instead"#;

impl<'de> Deserialize<'de> for SecretRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reference)
    }
}

struct Reference;

impl<'de> Visitor<'de> for Reference {
    type Value = SecretRef;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a reference to a secret")
    }

    fn visit_str<E: serde::de::Error>(self, _: &str) -> Result<SecretRef, E> {
        Err(fault(
            "a secret is never written here: the configuration says only where it is found",
            KINDS,
        ))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<SecretRef, A::Error> {
        let keys = Keys::deserialize(MapAccessDeserializer::new(map))?;
        match (keys.credential, keys.file, keys.env) {
            (Some(name), None, None) if name.contains('/') || name.starts_with('.') => Err(fault(
                "a credential is a name, not a path",
                "write the name that LoadCredential= gives it, or use { file = \"/PATH\" }",
            )),
            (Some(name), None, None) => Ok(SecretRef::Credential(name)),
            (None, Some(path), None) if path.is_relative() => Err(fault(
                "the file of a secret needs an absolute path",
                "where the daemon is started from must not decide which file it reads",
            )),
            (None, Some(path), None) => Ok(SecretRef::File(path)),
            (None, None, Some(name)) => Ok(SecretRef::Env(name)),
            (None, None, None) => Err(fault("this names no secret", KINDS)),
            _ => Err(fault("a secret has exactly one place", KINDS)),
        }
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    credential: Option<String>,
    file: Option<PathBuf>,
    env: Option<String>,
}
