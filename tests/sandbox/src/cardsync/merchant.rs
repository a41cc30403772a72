//! Merchants: created by the partner, enrolled once the terms are accepted.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::request::{Enrolment, NewMerchant, Terms};
use super::say::Failure;
use super::{Cardsync, Ids, Known};

/// A merchant as the provider keeps it.
#[derive(Debug)]
pub(super) struct Merchant {
    pub(super) id: String,
    name: String,
    username: String,
    /// None for one that was created without.
    pub(super) key: Option<String>,
    /// Who accepted the terms.
    terms: Option<String>,
    enrolment: Option<Enrolled>,
    /// Where events are announced.
    pub(super) webhooks: Vec<String>,
}

#[derive(Debug)]
struct Enrolled {
    id: String,
    details: Option<Enrolment>,
    created: DateTime<Utc>,
    active_at: DateTime<Utc>,
}

impl Merchant {
    /// The one that is there from the start.
    pub(super) fn enrolled(ids: &mut Ids, key: String, now: DateTime<Utc>) -> Self {
        Self {
            id: ids.next(),
            name: "Sandbox Merchant".into(),
            username: "sandbox_merchant".into(),
            key: Some(key),
            terms: Some("Sandbox Partner / Sandbox Partner".into()),
            enrolment: Some(Enrolled {
                id: ids.next(),
                details: None,
                created: now,
                active_at: now,
            }),
            webhooks: Vec::new(),
        }
    }

    pub(super) fn is_active(&self, now: DateTime<Utc>) -> bool {
        let active_at = self.enrolment.as_ref().map(|enrolment| enrolment.active_at);
        active_at.is_some_and(|active_at| active_at <= now)
    }

    /// For a person to see.
    pub(super) fn show(&self, now: DateTime<Utc>) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "key": self.key,
            "terms_accepted_by": self.terms,
            "enrolment": self.enrolment.as_ref().map(|enrolment| enrolment.status(now)),
            "webhooks": self.webhooks,
        })
    }
}

impl Cardsync {
    pub(super) fn create_merchant(
        &self,
        wanted: NewMerchant,
        now: DateTime<Utc>,
    ) -> Result<Value, Failure> {
        wanted.check()?;
        let known = &mut *self.known();
        let taken =
            |other: &Merchant| other.name == wanted.name || other.username == wanted.user.username;
        if known.merchants.iter().any(taken) {
            return Err(Failure::new("merchant name or username already exists"));
        }
        let Known { ids, merchants, .. } = known;
        let merchant = Merchant {
            id: ids.next(),
            name: wanted.name.clone(),
            username: wanted.user.username.clone(),
            key: wanted.user.create_api_key.then(|| ids.next_key()),
            terms: wanted
                .accept_tos
                .then(|| "Sandbox Partner / Sandbox Partner".into()),
            enrolment: None,
            webhooks: Vec::new(),
        };

        let mut shown = serde_json::to_value(wanted).expect("it is plain data");
        let answer = shown.as_object_mut().expect("it is an object");
        answer.retain(|name, _| !["user", "accept_tos"].contains(&name.as_str()));
        let mut contact = answer["primary_contact"].clone();
        contact["phone_ext"] = "".into();
        contact["fax"] = "".into();
        let more = json!({
            "id": merchant.id,
            "partner_id": "bqgblveg10l2b5dhg0ig",
            "status": "active",
            // It is not given back.
            "phone_ext": "",
            "logo_url": "",
            "primary_contact": contact,
            "billing_contact": contact,
            "billing": null,
            "api_key": merchant.key.as_deref().unwrap_or_default(),
            "tos_accepted_by": merchant.terms,
            "tos_accepted_by_username": merchant.terms.as_ref().map(|_| "sandbox_partner"),
            "created_at": micros(now),
            "tos_last_accepted_at": merchant.terms.as_ref().map(|_| now.format("%FT%TZ").to_string()),
        });
        if let Value::Object(more) = more {
            answer.extend(more);
        }
        merchants.push(merchant);
        Ok(shown)
    }

    pub(super) fn accept_terms(&self, merchant: &str, terms: &Terms) -> Result<Value, Failure> {
        terms.check(merchant)?;
        let known = &mut *self.known();
        known.merchant(merchant)?.terms = Some(format!("{} / {}", terms.name, terms.title));
        Ok(Value::Null)
    }

    pub(super) fn enrol(
        &self,
        merchant: &str,
        details: Enrolment,
        now: DateTime<Utc>,
    ) -> Result<Value, Failure> {
        details.check()?;
        let known = &mut *self.known();
        let id = known.ids.next();
        let merchant = known.merchant(merchant)?;
        if merchant.terms.is_none() {
            return Err(Failure::new("terms of service have not been accepted"));
        }
        if merchant.enrolment.is_some() {
            return Err(Failure::new("merchant is already enrolled"));
        }
        let enrolment = Enrolled {
            id,
            details: Some(details),
            created: now,
            active_at: now + self.enrolled_after,
        };
        let mut shown = enrolment.show(now);
        // It was not activated yet when this was written down, whatever it says above.
        shown["activated_at"] = Value::Null;
        merchant.enrolment = Some(enrolment);
        Ok(shown)
    }

    pub(super) fn enrolment(&self, merchant: &str, now: DateTime<Utc>) -> Result<Value, Failure> {
        let known = &mut *self.known();
        match &known.merchant(merchant)?.enrolment {
            Some(enrolment) => Ok(enrolment.show(now)),
            None => Err(Failure::unknown(merchant)),
        }
    }
}

impl Known {
    pub(super) fn merchant(&mut self, id: &str) -> Result<&mut Merchant, Failure> {
        let mut merchants = self.merchants.iter_mut();
        merchants
            .find(|merchant| merchant.id == id)
            .ok_or_else(Failure::unauthorized)
    }
}

impl Enrolled {
    fn status(&self, now: DateTime<Utc>) -> &'static str {
        match self.active_at <= now {
            true => "active",
            false => "pending_activation",
        }
    }

    fn show(&self, now: DateTime<Utc>) -> Value {
        let is_active = self.active_at <= now;
        json!({
            "id": self.id,
            "type": "cardsync",
            "details": self.details,
            "status": self.status(now),
            "created_at": micros(self.created),
            "updated_at": micros(if is_active { self.active_at } else { self.created }),
            "activated_at": is_active.then(|| micros(self.active_at)),
            "deactivated_at": null,
        })
    }
}

/// A time as the provider writes it.
pub(super) fn micros(time: DateTime<Utc>) -> String {
    time.format("%FT%T%.6fZ").to_string()
}
