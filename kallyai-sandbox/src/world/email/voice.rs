//! How the user writes, as far as the service has learned it.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clock::{later, stamp};

/// The voice profile, which is being trained until some time.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Voice {
    begun_at: DateTime<Utc>,
    trained_at: DateTime<Utc>,
}

impl Voice {
    pub(crate) fn train(now: DateTime<Utc>, life: TimeDelta) -> Self {
        Self {
            begun_at: now,
            trained_at: later(now, life),
        }
    }

    fn is_trained(&self, now: DateTime<Utc>) -> bool {
        self.trained_at <= now
    }

    pub(crate) fn view(&self, now: DateTime<Utc>) -> Value {
        let mut view = json!({
            "id": "vp_1",
            "status": if self.is_trained(now) { "trained" } else { "training" },
            "training_started_at": stamp(self.begun_at),
        });
        if let (true, Value::Object(view)) = (self.is_trained(now), &mut view) {
            view.insert("trained_at".to_owned(), json!(stamp(self.trained_at)));
            view.insert("tone".to_owned(), json!("friendly"));
            view.insert("sign_off".to_owned(), json!("Cheers,\nAda"));
        }
        view
    }

    /// A letter as the user would write it; as anybody would, before that is known.
    pub(crate) fn write(
        voice: Option<&Self>,
        to: &str,
        content: &str,
        now: DateTime<Utc>,
    ) -> String {
        let name = name(to);
        if voice.is_some_and(|voice| voice.is_trained(now)) {
            format!("Hi {name},\n\n{content}\n\nCheers,\nAda")
        } else {
            format!("Hello {name},\n\n{content}\n\nKind regards,\nAda")
        }
    }
}

/// Whom an address belongs to.
fn name(address: &str) -> String {
    let local = address.split('@').next().unwrap_or(address);
    let mut letters = local.chars();
    letters.next().map_or_else(String::new, |first| {
        format!("{}{}", first.to_uppercase(), letters.as_str())
    })
}
