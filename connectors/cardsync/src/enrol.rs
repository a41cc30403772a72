//! Enrolment, one request a step: create the merchant, accept the terms, ask to be enrolled, and
//! look every day whether CardSync has done it.
//!
//! None of the three requests may go out twice: the answer to the first is the only one that shows
//! the merchant's key, and a merchant is to be enrolled once. Of a request whose answer was lost,
//! CardSync can be asked by API only whether the merchant is enrolled; what else is to be found out
//! stands in what a person is told to do.

use std::collections::BTreeMap;

use reissue_connector_api::{
    EnrolState, EnrolStep, Fault, Level, Progress, Run, SecretString, Secrets, Signatory,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::call::{Asked, No};
use crate::settings::required;
use crate::wire::{self, Terms};
use crate::{Cardsync, map, secret, webhook};

/// What is remembered from step to step, beside the merchant's key.
mod remembered {
    /// The id of the merchant that enrolment created.
    pub(super) const MERCHANT: &str = "merchant_id";
    /// Who accepted the terms.
    pub(super) const TERMS: &str = "terms_accepted_by";
    /// The id of the enrolment.
    pub(super) const ENROLMENT: &str = "enrolment_id";
}

/// The terms as the documents name them.
const TERMS: (&str, u32) = ("cardsync", 2);

impl Cardsync {
    /// Takes the next step, or says what a person must do before it.
    ///
    /// # Errors
    /// What the answer means; the step is taken again.
    pub(crate) fn next_step(&self, run: &Run<'_>, so_far: &Progress) -> Result<EnrolStep, Fault> {
        let key = so_far.secrets.0.get(secret::MERCHANT_KEY);
        let Some(key) = key.or(self.merchant_key.as_ref()) else {
            return self.create_merchant(run, so_far);
        };
        let known = |name| so_far.remembered.contains_key(name);
        let is_asked = known(remembered::ENROLMENT);
        // A merchant that this enrolment made is not enrolled yet. Any other may be, and a request
        // whose answer was lost may have arrived.
        if is_asked || so_far.unanswered || !known(remembered::MERCHANT) {
            match Asked::Enrolment.answer(run, key, None) {
                Ok(data) => {
                    let standing = standing(run, Asked::Enrolment, &data)?;
                    return webhook::registered(run, key, so_far, is_asked, standing);
                }
                Err(No::Declined(_)) if !is_asked => {}
                Err(no) => return Err(no.into()),
            }
        }

        let merchant = so_far.remembered.get(remembered::MERCHANT);
        match merchant.or(self.settings.merchant_id.as_ref()) {
            Some(merchant) if !known(remembered::TERMS) => {
                self.accept_terms(run, so_far, key, merchant)
            }
            _ if so_far.unanswered => Ok(a_person_must(
                "it is not known whether CardSync has the request to enrol the merchant, and it \
                 shows no enrolment: ask it whether it has, and go on once it says no"
                    .to_owned(),
            )),
            _ => self.ask_to_be_enrolled(run, so_far, key),
        }
    }

    fn create_merchant(&self, run: &Run<'_>, so_far: &Progress) -> Result<EnrolStep, Fault> {
        let merchant = required(self.settings.merchant.as_ref(), "merchant")?;
        if let Some(id) = so_far.remembered.get(remembered::MERCHANT) {
            return Ok(a_person_must(format!(
                "CardSync created the merchant {id} and gave no key: ask it for the merchant's API \
                 key, and give it as the secret `{}`",
                secret::MERCHANT_KEY
            )));
        }
        if so_far.unanswered {
            return Ok(a_person_must(format!(
                "it is not known whether CardSync created the merchant `{}`, and it shows a \
                 merchant's key only once: ask it whether this merchant exists; if it does, for \
                 its id and a new API key, and give them as `merchant_id` and the secret `{}`; if \
                 it does not, going on creates it",
                merchant.name,
                secret::MERCHANT_KEY
            )));
        }
        // Nothing is created for a business that has not agreed yet.
        let Some(_) = &so_far.terms_accepted_by else {
            return Ok(self.terms_must_be_accepted());
        };
        let Some(partner_key) = &self.partner_key else {
            return Err(Fault::settings(format!(
                "the secret `{}` is missing, with which enrolment creates the merchant: give it \
                 under `secrets`",
                secret::PARTNER_KEY
            )));
        };

        let mut body = serde_json::to_value(merchant).unwrap_or_default();
        body["user"]["create_api_key"] = true.into();
        // Who accepts them is said in a request of its own.
        body["accept_tos"] = false.into();
        let asked = Asked::Merchant;
        let data = match asked.answer(run, partner_key, Some(json(&body))) {
            Ok(data) => data,
            Err(No::Declined(words)) => {
                return Ok(refused(format!(
                    "{words}; change what `merchant` says (`name` and `user.username` must be \
                     CardSync's only ones) and enrol again"
                )));
            }
            Err(no) => return Err(no.into()),
        };
        let created = wire::Merchant::deserialize(data).unwrap_or_default();
        let id = [created.id, created.merchant_id];
        let id = id.into_iter().find(|id| !id.is_empty());
        if id.is_none() && created.api_key.is_empty() {
            return Err(asked.lacks("data.id"));
        }
        let key = Some(created.api_key).filter(|key| !key.is_empty());
        Ok(EnrolStep {
            state: EnrolState::NotEnrolled,
            remember: id
                .map(|id| (remembered::MERCHANT.to_owned(), id))
                .into_iter()
                .collect(),
            secrets: Secrets(
                key.map(|key| (secret::MERCHANT_KEY.to_owned(), SecretString::from(key)))
                    .into_iter()
                    .collect(),
            ),
        })
    }

    fn accept_terms(
        &self,
        run: &Run<'_>,
        so_far: &Progress,
        key: &SecretString,
        merchant: &str,
    ) -> Result<EnrolStep, Fault> {
        let Some(signatory) = &so_far.terms_accepted_by else {
            return Ok(self.terms_must_be_accepted());
        };
        let Signatory { name, title } = signatory;
        if so_far.unanswered {
            return Ok(a_person_must(format!(
                "it is not known whether CardSync noted that {name} accepted its terms for the \
                 merchant {merchant}: ask it; going on tells it once more"
            )));
        }
        let (kind, version) = TERMS;
        let body = json(&Terms {
            name,
            title,
            account_type: "merchant",
            account_type_id: merchant,
            kind,
            version,
        });
        match Asked::Terms.answer(run, key, Some(body)) {
            Ok(_) => Ok(EnrolStep {
                state: EnrolState::NotEnrolled,
                remember: remember(remembered::TERMS, format!("{name}, {title}")),
                ..EnrolStep::default()
            }),
            Err(No::Declined(words)) => Ok(refused(words)),
            Err(no) => Err(no.into()),
        }
    }

    fn ask_to_be_enrolled(
        &self,
        run: &Run<'_>,
        so_far: &Progress,
        key: &SecretString,
    ) -> Result<EnrolStep, Fault> {
        let enrolment = required(self.settings.enrolment.as_ref(), "enrolment")?;
        let asked = Asked::Enrol;
        match asked.answer(run, key, Some(json(enrolment))) {
            Ok(data) => {
                let standing = standing(run, asked, &data)?;
                webhook::registered(run, key, so_far, false, standing)
            }
            Err(No::Declined(words)) => Ok(refused(words)),
            Err(no) => Err(no.into()),
        }
    }

    fn terms_must_be_accepted(&self) -> EnrolStep {
        a_person_must(format!(
            "somebody who may sign for the business must accept CardSync's terms of service: ask \
             the partner for them, then `reissue enrol {} --accept-terms --name NAME --title TITLE`",
            self.account
        ))
    }
}

/// Where the enrolment stands that CardSync shows.
fn standing(run: &Run<'_>, asked: Asked<'_>, data: &Value) -> Result<EnrolStep, Fault> {
    let enrolment = wire::Enrolment::deserialize(data).unwrap_or_default();
    if enrolment.status.is_empty() {
        return Err(asked.lacks("data.status"));
    }
    let state = map::enrolment(&enrolment.status);
    if state == EnrolState::Pending && enrolment.status != "pending_activation" {
        let line = format!(
            "CardSync calls the enrolment `{}`, which is taken as pending",
            enrolment.status
        );
        run.log(Level::Warn, line);
    }
    Ok(EnrolStep {
        state,
        remember: remember(remembered::ENROLMENT, enrolment.id),
        ..EnrolStep::default()
    })
}

pub(crate) fn a_person_must(text: String) -> EnrolStep {
    let state = EnrolState::ActionNeeded { link: None, text };
    EnrolStep {
        state,
        ..EnrolStep::default()
    }
}

fn refused(words: String) -> EnrolStep {
    EnrolStep {
        state: EnrolState::Refused(words),
        ..EnrolStep::default()
    }
}

fn remember(name: &str, value: String) -> BTreeMap<String, String> {
    BTreeMap::from([(name.to_owned(), value)])
}

pub(crate) fn json(value: &impl Serialize) -> Zeroizing<Vec<u8>> {
    let json = serde_json::to_vec(value).expect("plain texts and numbers can be written");
    json.into()
}
