//! The referral code, who came with it, and the published limits of those who ask.

use std::collections::VecDeque;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::credits::{Credits, Ledger};
use crate::clock::{delta, later, stamp};
use crate::ids::Ids;

/// What both sides get for a referral that was converted; assumed.
const REWARD: Credits = Credits::hundredths(20_00);
const REWARD_MINUTES: u32 = 10;

/// Published limits of an hour.
const VALIDATIONS: usize = 20;
const RECORDS: usize = 10;

#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Referrals {
    code: Option<Code>,
    /// Oldest first.
    list: Vec<Referral>,
    validated: Window,
    tracked: Window,
}

#[derive(Clone, Serialize, Deserialize)]
struct Code {
    text: String,
    created_at: DateTime<Utc>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Referral {
    email: String,
    created_at: DateTime<Utc>,
    /// When it is taken to be converted.
    converts_at: DateTime<Utc>,
    converted: bool,
}

/// When something was asked for in the last hour.
#[derive(Clone, Default, Serialize, Deserialize)]
struct Window(VecDeque<DateTime<Utc>>);

impl Window {
    /// Whether it is still allowed; then it counts.
    fn admits(&mut self, most: usize, now: DateTime<Utc>) -> bool {
        let an_hour_ago = now - TimeDelta::hours(1);
        self.0.retain(|at| *at > an_hour_ago);
        let admitted = self.0.len() < most;
        if admitted {
            self.0.push_back(now);
        }
        admitted
    }
}

impl Referral {
    fn view(&self, number: usize) -> Value {
        let (minutes, credits) = if self.converted {
            (REWARD_MINUTES, REWARD)
        } else {
            (0, Credits::default())
        };
        let mut view = json!({
            "id": format!("rf_{number}"),
            "referred_email": self.email,
            "status": if self.converted { "converted" } else { "pending" },
            "referrer_reward_minutes": minutes,
            "referred_reward_minutes": minutes,
            "referrer_reward_credits": credits.json(),
            "referred_reward_credits": credits.json(),
            "created_at": stamp(self.created_at),
        });
        if let (true, Value::Object(view)) = (self.converted, &mut view) {
            view.insert("converted_at".to_owned(), json!(stamp(self.converts_at)));
        }
        view
    }
}

impl Referrals {
    /// The code, made when it is asked for first.
    pub(crate) fn code(&mut self, ids: &mut Ids, now: DateTime<Utc>) -> Value {
        let code = self.code.get_or_insert_with(|| {
            let id = ids.uuid().simple().to_string();
            let tail: String = id.chars().take(7).collect();
            Code {
                text: format!("K{}", tail.to_uppercase()),
                created_at: now,
            }
        });
        json!({
            "code": code.text,
            "is_active": true,
            "share_url": format!("https://kallyai.com/r/{}", code.text),
            "created_at": stamp(code.created_at),
        })
    }

    fn is_code(&self, text: &str) -> bool {
        self.code.as_ref().is_some_and(|code| code.text == text)
    }

    /// Whether a code is good; nothing where it was asked too often.
    pub(crate) fn validate(&mut self, code: &str, now: DateTime<Utc>) -> Option<bool> {
        self.validated
            .admits(VALIDATIONS, now)
            .then(|| self.is_code(code))
    }

    /// Records who came with a code, once; nothing where it was asked too often.
    pub(crate) fn track(
        &mut self,
        code: &str,
        email: &str,
        life: Duration,
        now: DateTime<Utc>,
    ) -> Option<bool> {
        if !self.tracked.admits(RECORDS, now) {
            return None;
        }
        let known = self
            .list
            .iter()
            .any(|referral| referral.email.eq_ignore_ascii_case(email));
        let tracked = self.is_code(code) && !known;
        if tracked {
            self.list.push(Referral {
                email: email.to_owned(),
                created_at: now,
                converts_at: later(now, delta(life)),
                converted: false,
            });
        }
        Some(tracked)
    }

    pub(crate) fn due(&self) -> Option<DateTime<Utc>> {
        self.list
            .iter()
            .filter(|referral| !referral.converted)
            .map(|referral| referral.converts_at)
            .min()
    }

    /// Who came with the code has become a customer: the reward is for spending.
    pub(crate) fn settle(&mut self, at: DateTime<Utc>, ledger: &mut Ledger) {
        for referral in &mut self.list {
            if !referral.converted && referral.converts_at <= at {
                referral.converted = true;
                ledger.grant(REWARD);
            }
        }
    }

    /// The body of `referrals_stats`.
    pub(crate) fn stats(&self) -> Value {
        let converted = self
            .list
            .iter()
            .filter(|referral| referral.converted)
            .count();
        let (minutes, credits) = (0..converted).fold((0, Credits::default()), |(m, c), _| {
            (REWARD_MINUTES.saturating_add(m), c.plus(REWARD))
        });
        json!({
            "total_referrals": self.list.len(),
            "pending": self.list.len().saturating_sub(converted),
            "converted": converted,
            "total_reward_minutes": minutes,
            "total_reward_credits": credits.json(),
        })
    }

    /// The body of `referrals_history`: newest first.
    pub(crate) fn history(&self) -> Value {
        let referrals: Vec<Value> = (1..)
            .zip(&self.list)
            .map(|(number, referral)| referral.view(number))
            .collect();
        let referrals: Vec<Value> = referrals.into_iter().rev().collect();
        json!({ "referrals": referrals })
    }
}
