//! The account's settings, and what is wrong with them.

use reissue_connector_api::Fault;
use schemars::JsonSchema;
use serde::Deserialize;

/// The account's `settings` table.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The merchant id, also called organisation id, as the portal shows it.
    pub merchant_id: String,
    /// The id of the shared-secret key, from the portal's key management.
    pub key_id: String,
    /// How requests are signed. The provider recommends `jwt` and calls `http-signature` deprecated.
    #[serde(default)]
    pub auth: Auth,
    /// The portfolio that owns the key, where the key is a portfolio's ("meta") key.
    pub portfolio_id: Option<String>,
    /// Where the provider mails news of batches that we submit. Listing and collecting do without.
    pub notification_email: Option<String>,
}

/// How requests are signed, both with the same shared secret.
#[derive(Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Auth {
    /// A JSON web token over the request, in `Authorization`.
    #[default]
    Jwt,
    /// A signature over chosen headers, in `Signature`.
    HttpSignature,
}

impl Settings {
    /// # Errors
    /// `settings`, naming the key.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        let given = [
            ("merchant_id", Some(&self.merchant_id)),
            ("key_id", Some(&self.key_id)),
            ("portfolio_id", self.portfolio_id.as_ref()),
            ("notification_email", self.notification_email.as_ref()),
        ];
        for (key, value) in given {
            if value.is_some_and(|value| !fits_a_header(value)) {
                return Err(Fault::settings(format!(
                    "`{key}` is empty or holds a space, a quote or a letter that is not ASCII: \
                     copy it from the provider's portal"
                )));
            }
        }
        match &self.notification_email {
            Some(address) if !address.contains('@') => Err(Fault::settings(
                "`notification_email` is not a mail address: it has no `@`",
            )),
            _ => Ok(()),
        }
    }
}

fn fits_a_header(value: &str) -> bool {
    !value.is_empty() && value.bytes().all(|b| b.is_ascii_graphic() && b != b'"')
}
