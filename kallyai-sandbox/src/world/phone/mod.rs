//! The phone numbers of the account, and the user's own phones to which calls can be handed off.

pub(crate) mod countries;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::clock::stamp;
use crate::ids::{self, Ids};
use countries::Country;

/// What a new account has, in the block that is reserved for fiction.
const FIRST: (&str, &str) = ("+12025550100", "US");

/// How many numbers for sale are shown at once.
const OFFERED: usize = 3;

/// What is always there of a target, whatever else is set.
const OWN_FIELDS: &[&str] = &[
    "id",
    "phone_number",
    "verified",
    "verified_at",
    "created_at",
];

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Phones {
    /// Oldest first.
    numbers: Vec<PhoneNumber>,
    /// How many there were.
    numbers_made: usize,
    /// The user's own phones, oldest first.
    targets: Vec<Target>,
    /// Codes that were sent and not used: phone and code.
    codes: Vec<(String, String)>,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct PhoneNumber {
    pub(crate) id: String,
    pub(crate) number: String,
    country: String,
    pub(crate) forwarding: Option<String>,
    pub(crate) caller_id_name: Option<String>,
    pub(crate) verified: bool,
    created_at: DateTime<Utc>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Target {
    id: String,
    number: String,
    verified_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    /// How it is used, as it was sent.
    settings: Map<String, Value>,
}

impl PhoneNumber {
    pub(crate) fn view(&self) -> Value {
        json!({ "id": self.id, "phone_number": self.number, "iso_country": self.country })
    }

    /// What it can do and how it is set up.
    pub(crate) fn details(&self) -> Value {
        json!({
            "id": self.id,
            "phone_number": self.number,
            "iso_country": self.country,
            "capabilities": ["voice"],
            "forwarding_number": self.forwarding,
            "caller_id_name": self.caller_id_name,
            "verified": self.verified,
            "created_at": stamp(self.created_at),
        })
    }
}

impl Target {
    /// Takes over what was sent.
    fn set(&mut self, fields: &Value) {
        for (name, value) in fields.as_object().into_iter().flatten() {
            if !OWN_FIELDS.contains(&name.as_str()) {
                self.settings.insert(name.clone(), value.clone());
            }
        }
    }

    fn view(&self) -> Value {
        let mut view = self.settings.clone();
        let mut set = |name: &str, value: Value| view.insert(name.to_owned(), value);
        set("id", json!(self.id));
        set("phone_number", json!(self.number));
        set("verified", json!(self.verified_at.is_some()));
        set("verified_at", json!(self.verified_at.map(stamp)));
        set("created_at", json!(stamp(self.created_at)));
        Value::Object(view)
    }
}

/// Of a world that was dumped before there were phones.
impl Default for Phones {
    fn default() -> Self {
        Self::new(DateTime::UNIX_EPOCH)
    }
}

impl Phones {
    /// A new account is set up: it can be rung.
    pub(crate) fn new(now: DateTime<Utc>) -> Self {
        let (number, country) = FIRST;
        let mut phones = Self {
            numbers: Vec::new(),
            numbers_made: 0,
            targets: Vec::new(),
            codes: Vec::new(),
        };
        let mut first = phones.make(number.to_owned(), country, now);
        first.verified = true;
        phones.numbers.push(first);
        phones
    }

    fn make(&mut self, number: String, country: &str, now: DateTime<Utc>) -> PhoneNumber {
        self.numbers_made = self.numbers_made.saturating_add(1);
        PhoneNumber {
            id: format!("pn_{}", self.numbers_made),
            number,
            country: country.to_owned(),
            forwarding: None,
            caller_id_name: None,
            verified: false,
            created_at: now,
        }
    }

    /// Oldest first.
    pub(crate) fn numbers(&self) -> &[PhoneNumber] {
        &self.numbers
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut PhoneNumber> {
        self.numbers.iter_mut().find(|number| number.id == id)
    }

    /// What can be had in a country, without what the account has.
    pub(crate) fn for_sale(&self, country: &Country, area_code: Option<&str>) -> Vec<String> {
        let has = |number: &String| self.numbers.iter().any(|own| own.number == *number);
        let mut numbers = country.numbers(area_code);
        numbers.retain(|number| !has(number));
        numbers.truncate(OFFERED);
        numbers
    }

    /// Gets the first number for sale, and shows it.
    pub(crate) fn provision(
        &mut self,
        country: &Country,
        area_code: Option<&str>,
        now: DateTime<Utc>,
    ) -> Option<Value> {
        let number = self.for_sale(country, area_code).into_iter().next()?;
        let number = self.make(number, country.code, now);
        let view = number.view();
        self.numbers.push(number);
        Some(view)
    }

    pub(crate) fn release(&mut self, id: &str) -> bool {
        let before = self.numbers.len();
        self.numbers.retain(|number| number.id != id);
        self.numbers.len() < before
    }

    /// A code for this phone; one that was sent before is not good any more.
    pub(crate) fn code(&mut self, phone: &str, ids: &mut Ids) -> String {
        let (drawn, _) = ids.uuid().as_u64_pair();
        let code = format!("{:06}", ids::number("code", drawn, 0, 1_000_000));
        self.codes.retain(|(known, _)| known != phone);
        self.codes.push((phone.to_owned(), code.clone()));
        code
    }

    /// Whether the code is right; then the phone is the user's, and the code is spent.
    pub(crate) fn verify(&mut self, phone: &str, code: &str, now: DateTime<Utc>) -> bool {
        let before = self.codes.len();
        self.codes
            .retain(|(known, sent)| known != phone || sent != code);
        let right = self.codes.len() < before;
        if right {
            self.change_target(phone, now, |target| target.verified_at = Some(now));
        }
        right
    }

    /// Does something with the target of a phone, made where there is none, and answers with its id.
    fn change_target(
        &mut self,
        phone: &str,
        now: DateTime<Utc>,
        change: impl FnOnce(&mut Target),
    ) -> String {
        if let Some(target) = self.targets.iter_mut().find(|known| known.number == phone) {
            change(target);
            return target.id.clone();
        }
        let mut target = Target {
            // Targets are never removed, so their count is good for an id.
            id: format!("ft_{}", self.targets.len().saturating_add(1)),
            number: phone.to_owned(),
            verified_at: None,
            created_at: now,
            settings: Map::new(),
        };
        change(&mut target);
        let id = target.id.clone();
        self.targets.push(target);
        id
    }

    /// The phone that was verified last.
    pub(crate) fn verified(&self) -> Option<&str> {
        self.targets
            .iter()
            .filter(|target| target.verified_at.is_some())
            .max_by_key(|target| target.verified_at)
            .map(|target| target.number.as_str())
    }

    /// Where calls are handed off to: the phone that was verified last, or the first that was set up.
    pub(crate) fn hand_off(&self) -> Option<&str> {
        let first = self.targets.first().map(|target| target.number.as_str());
        self.verified().or(first)
    }

    /// Makes a phone of the user a target, and takes over how it is used.
    pub(crate) fn set_up(&mut self, phone: &str, fields: &Value, now: DateTime<Utc>) -> String {
        self.change_target(phone, now, |target| target.set(fields))
    }

    /// Takes over how a verified phone is used.
    pub(crate) fn configure(&mut self, phone: &str, fields: &Value) -> Option<String> {
        let target = self
            .targets
            .iter_mut()
            .find(|target| target.number == phone && target.verified_at.is_some())?;
        target.set(fields);
        Some(target.id.clone())
    }

    /// The body of `phone_forwarding_targets`.
    pub(crate) fn targets(&self) -> Value {
        let items: Vec<Value> = self.targets.iter().map(Target::view).collect();
        json!({ "total": items.len(), "items": items })
    }
}
