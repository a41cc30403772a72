//! The published schemas. Whatever a test configures or finds delivered is held against them.

use std::fmt::Display;
use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::Value;

/// The schema of `reissue.toml`.
pub(crate) static CONFIGURATION: LazyLock<Schema> =
    LazyLock::new(|| Schema::of(include_str!("../../config/schema/reissue.schema.json")));

/// The schema of a delivered line.
pub(crate) static UPDATE: LazyLock<Schema> =
    LazyLock::new(|| Schema::of(include_str!("../../config/schema/update.schema.json")));

/// A published schema.
pub(crate) struct Schema(Validator);

impl Schema {
    fn of(text: &str) -> Self {
        let schema = serde_json::from_str(text).unwrap();
        Self(jsonschema::draft7::new(&schema).unwrap())
    }

    /// Fails unless the value, found there, is as the schema says.
    #[track_caller]
    pub(crate) fn assert_fits(&self, value: &Value, place: &dyn Display) {
        if let Err(why) = self.0.validate(value) {
            panic!("{place}: {}: {why}: {value}", why.instance_path());
        }
    }
}
