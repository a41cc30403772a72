//! A connector's settings: a TOML table that crosses to the connector as a JSON object.

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Number, Value};

use crate::fault::fault;

pub(in crate::model) fn empty() -> Value {
    Value::Object(Map::new())
}

pub(in crate::model) fn object<'de, D>(deserializer: D) -> Result<Value, D::Error>
where
    D: Deserializer<'de>,
{
    let table = toml::Table::deserialize(deserializer)?;
    json(toml::Value::Table(table)).ok_or_else(|| {
        fault(
            "a setting is a number that JSON cannot hold",
            "a connector gets its settings as JSON, which knows neither nan nor inf",
        )
    })
}

/// By hand, because serde would turn a date into a table with a private key; here it is a string.
fn json(value: toml::Value) -> Option<Value> {
    Some(match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => Value::from(number),
        toml::Value::Float(number) => Value::Number(Number::from_f64(number)?),
        toml::Value::Boolean(truth) => Value::Bool(truth),
        toml::Value::Datetime(moment) => Value::String(moment.to_string()),
        toml::Value::Array(values) => {
            Value::Array(values.into_iter().map(json).collect::<Option<_>>()?)
        }
        toml::Value::Table(table) => Value::Object(
            table
                .into_iter()
                .map(|(key, value)| Some((key, json(value)?)))
                .collect::<Option<_>>()?,
        ),
    })
}
