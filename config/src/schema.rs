//! Types as the JSON schemas that are published in `config/schema/`.
//!
//! Draft 7, without references: it is what editors read best. Taplo, and all that is built on it,
//! follows `$ref` in some places only and takes a newer draft for this one.

use std::collections::BTreeMap;

use schemars::generate::{Contract, SchemaSettings};
use schemars::transform::transform_subschemas;
use schemars::{JsonSchema, Schema};
use serde_json::Value;

use crate::model::{
    Account, Admin, Alarms, Connector, Daemon, Fees, FilesSink, Schedule, Source, Telemetry,
    WebhookSink, Webhooks,
};

/// What the files of a configuration may say. A table that several files share is complete in none of
/// them, so an editor that sees one file may miss keys there; `reissue check` sees all files.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "nobody holds one: only its shape is published")]
#[schemars(title = "Configuration of Reissue", deny_unknown_fields)]
struct Files {
    /// What the process needs for itself.
    daemon: Option<Daemon>,
    /// How people and programs talk to the daemon.
    admin: Option<Admin>,
    /// Where providers call us.
    webhooks: Option<Webhooks>,
    /// What the daemon says about itself.
    telemetry: Option<Telemetry>,
    /// Which file may be used as a connector, by the connector's name.
    connectors: Option<BTreeMap<String, Connector>>,
    /// Sets of credentials with providers, by name.
    #[schemars(extend("propertyNames" = name()))]
    accounts: Option<BTreeMap<String, Account>>,
    /// What a provider's answers cost, by the connector's name.
    fees: Option<BTreeMap<String, Fees>>,
    /// Jobs of accounts, and when, by name.
    #[schemars(extend("propertyNames" = name()))]
    schedules: Option<BTreeMap<String, Schedule>>,
    /// Where cards to ask about come from, by name.
    #[schemars(extend("propertyNames" = name()))]
    sources: Option<BTreeMap<String, Source>>,
    /// Where updates go, by name.
    #[schemars(extend("propertyNames" = name()))]
    sinks: Option<BTreeMap<String, Sink>>,
    /// Who is told what needs a person. Default: nobody.
    alarms: Option<Alarms>,
}

/// One of these, told apart by `kind`.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "nobody holds one: only its shape is published")]
#[schemars(untagged)]
enum Sink {
    Files(FilesSink),
    Webhook(WebhookSink),
}

/// The schema of `reissue.toml` and of the files in `conf.d`.
pub fn configuration_schema() -> Value {
    published_schema::<Files>(Contract::Deserialize)
}

/// A type's schema as it is published: in one piece, each description in one line.
pub fn published_schema<T: JsonSchema>(contract: Contract) -> Value {
    let settings = SchemaSettings::draft07().with(|settings| {
        settings.inline_subschemas = true;
        settings.contract = contract;
    });
    let generator = settings.with_transform(publish).into_generator();
    generator.into_root_schema_for::<T>().to_value()
}

/// Descriptions lose their line ends. What can be left out is not also `null`, which TOML lacks and
/// updates never hold. Defaults are Rust's values and not what is written; the descriptions name them.
fn publish(schema: &mut Schema) {
    transform_subschemas(&mut publish, schema);
    schema.remove("default");
    if let Some(Value::String(description)) = schema.get_mut("description") {
        *description = description.replace('\n', " ");
    }
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|one| one != "null");
        if let [one] = types.as_slice() {
            let one = one.clone();
            schema.insert("type".to_owned(), one);
        }
    }
    if let Some(Value::Array(choices)) = schema.get_mut("anyOf") {
        choices.retain(|one| one["type"] != "null");
        if let [Value::Object(one)] = choices.as_slice() {
            let one = one.clone();
            schema.remove("anyOf");
            for (key, value) in one {
                // What is said of the key goes before what is said of its type.
                if schema.get(&key).is_none() {
                    schema.insert(key, value);
                }
            }
        }
    }
}

/// The schema of a name.
fn name() -> Value {
    serde_json::json!({ "pattern": "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$" })
}
