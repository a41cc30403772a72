//! `POST /v2/webhook`: where events are announced. It answers the same whatever it does with former addresses.

use axum::http::Uri;
use serde::Deserialize;
use serde_json::Value;

use super::super::Cardsync;
use super::super::say::Failure;

/// The trigger of an American Express update.
pub(super) const TRIGGER: u32 = 23;

/// Which events are announced where.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::cardsync) struct Webhook {
    trigger_id: u32,
    url: String,
}

impl Webhook {
    fn check(&self) -> Result<(), Failure> {
        if self.trigger_id != TRIGGER {
            return Err(Failure::new("invalid trigger_id"));
        }
        let url = self.url.parse::<Uri>().ok();
        let is_web = |url: &Uri| matches!(url.scheme_str(), Some("http" | "https"));
        match url.as_ref().is_some_and(is_web) {
            true => Ok(()),
            false => Err(Failure::new("invalid url")),
        }
    }
}

impl Cardsync {
    pub(in crate::cardsync) fn register(
        &self,
        merchant: &str,
        wanted: Webhook,
    ) -> Result<Value, Failure> {
        wanted.check()?;
        let known = &mut *self.known();
        let webhooks = &mut known.merchant(merchant)?.webhooks;
        if !self.options.amex.keep_webhooks {
            webhooks.clear();
        }
        if !webhooks.contains(&wanted.url) {
            webhooks.push(wanted.url);
        }
        Ok(Value::Null)
    }
}
