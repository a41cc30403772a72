//! `[connectors.NAME]`: what a connector must be.

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::sha256;

/// `[connectors.NAME]`, by the name in the connector's manifest.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Connector {
    /// The SHA-256 of its file, in lower-case hexadecimal: a file with other content is not used
    /// under this name. Required, since it is all that the section is for.
    #[serde(deserialize_with = "sha256::read")]
    #[schemars(with = "String")]
    pub sha256: String,
}
