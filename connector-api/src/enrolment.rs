//! Enrolment: an account being admitted at a provider, one step a call.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

use crate::secret::Secrets;
use crate::word;

/// What earlier steps left. It is sealed before the next step begins, so a crash loses no step.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Progress {
    /// Where the account stands.
    #[serde(default)]
    pub state: EnrolState,
    /// Whether the step before this one may have sent a request other than `GET` whose answer
    /// nobody knows: the connection broke, or the daemon was killed, and no person has settled since
    /// what became of it. Such a request is not sent again: look with a `GET` whether it arrived, or
    /// say in `ActionNeeded` what to ask the provider. The daemon adds how a person says that it is
    /// settled, and lets no request other than `GET` out before that.
    #[serde(default)]
    pub unanswered: bool,
    /// Values that earlier steps asked us to remember.
    #[serde(default)]
    pub remembered: BTreeMap<String, String>,
    /// Secrets that earlier steps asked us to remember.
    #[serde(default)]
    pub secrets: Secrets,
    /// Where the provider may call us, where a schedule has a job that needs it. It holds a secret.
    /// Register it whenever it is another than the one that the provider has, and remember that one
    /// among the secrets.
    #[serde(default)]
    pub webhook_url: Option<String>,
    /// Who accepted the provider's terms, once somebody has.
    #[serde(default)]
    pub terms_accepted_by: Option<Signatory>,
}

/// A person who accepted a provider's terms for the business.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signatory {
    /// Their name.
    pub name: String,
    /// Their title in the business.
    pub title: String,
}

/// What one step came to.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct EnrolStep {
    /// Where the account stands now.
    pub state: EnrolState,
    /// Values to remember for later steps, beside those that earlier ones left.
    #[serde(default)]
    pub remember: BTreeMap<String, String>,
    /// Secrets to remember, such as a key that the provider shows once.
    #[serde(default)]
    pub secrets: Secrets,
}

impl EnrolStep {
    /// The account may be used; nothing to remember.
    pub fn active() -> Self {
        Self::default()
    }
}

/// Where an account stands at its provider.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EnrolState {
    /// Admitted, or the provider needs no enrolment.
    #[default]
    Active,
    /// The next step is ours; it can be taken at once.
    NotEnrolled,
    /// A person must do something.
    ActionNeeded {
        /// Where.
        link: Option<String>,
        /// What.
        text: String,
    },
    /// The provider refused, in its own words.
    Refused(String),
    /// The provider works on it; a word that we do not know counts as this.
    Pending,
}

impl<'de> Deserialize<'de> for EnrolState {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Action {
            link: Option<String>,
            text: String,
        }

        let (word, content) = word::read(from)?;
        Ok(match word.as_str() {
            "active" => Self::Active,
            "not-enrolled" => Self::NotEnrolled,
            "action-needed" => {
                let Action { link, text } = word::content(content)?;
                Self::ActionNeeded { link, text }
            }
            "refused" => Self::Refused(word::content(content)?),
            _ => Self::Pending,
        })
    }
}
