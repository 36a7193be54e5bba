//! The lines of the file.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::super::super::fingerprint::Fingerprint;
use super::super::super::placement::{Entry, Placement, Settled};

const VERSION: u32 = 1;

/// The first line: it makes a file that is written anew another one.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    kallyai_place_log: u32,
    id: String,
}

pub(super) fn head() -> String {
    line(&Head {
        kallyai_place_log: VERSION,
        id: uuid::Uuid::new_v4().to_string(),
    })
}

pub(super) fn is_head(text: &[u8]) -> bool {
    serde_json::from_slice::<Head>(text).is_ok_and(|head| head.kallyai_place_log == VERSION)
}

/// Whether a crash can have left this of a head.
pub(super) fn begins_a_head(text: &[u8]) -> bool {
    const BEGINNING: &[u8] = br#"{"kallyai_place_log":"#;
    text.starts_with(BEGINNING) || BEGINNING.starts_with(text)
}

/// Any other line: what is known of a key from there on.
#[derive(Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Line {
    Unsettled {
        key: String,
        fingerprint: Fingerprint,
        started_at: DateTime<Utc>,
    },
    /// Unsettled, and sent by others than who began it.
    SentAgain {
        key: String,
        fingerprint: Fingerprint,
        started_at: DateTime<Utc>,
    },
    Dialled {
        key: String,
        fingerprint: Fingerprint,
        started_at: DateTime<Utc>,
        call_id: String,
    },
    NotDialled {
        key: String,
        fingerprint: Fingerprint,
        started_at: DateTime<Utc>,
    },
    Forgotten {
        key: String,
    },
}

impl Line {
    pub(super) fn of(entry: &Entry) -> Self {
        let placement = &entry.placement;
        let key = placement.key().to_owned();
        let (fingerprint, started_at) = (placement.fingerprint(), placement.started_at());
        match &entry.settled {
            None if entry.sent_again => Self::SentAgain {
                key,
                fingerprint,
                started_at,
            },
            None => Self::Unsettled {
                key,
                fingerprint,
                started_at,
            },
            Some(Settled::Dialled(call_id)) => Self::Dialled {
                key,
                fingerprint,
                started_at,
                call_id: call_id.clone(),
            },
            Some(Settled::NotDialled) => Self::NotDialled {
                key,
                fingerprint,
                started_at,
            },
        }
    }

    pub(super) fn forgotten(key: &str) -> Self {
        Self::Forgotten {
            key: key.to_owned(),
        }
    }

    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        serde_json::from_slice(text).ok()
    }

    pub(super) fn text(&self) -> String {
        line(self)
    }

    /// The key, and its entry unless it is forgotten.
    pub(super) fn into_entry(self) -> (String, Option<Entry>) {
        let sent_again = matches!(self, Self::SentAgain { .. });
        let (key, fingerprint, started_at, settled) = match self {
            Self::Unsettled {
                key,
                fingerprint,
                started_at,
            }
            | Self::SentAgain {
                key,
                fingerprint,
                started_at,
            } => (key, fingerprint, started_at, None),
            Self::Dialled {
                key,
                fingerprint,
                started_at,
                call_id,
            } => (
                key,
                fingerprint,
                started_at,
                Some(Settled::Dialled(call_id)),
            ),
            Self::NotDialled {
                key,
                fingerprint,
                started_at,
            } => (key, fingerprint, started_at, Some(Settled::NotDialled)),
            Self::Forgotten { key } => return (key, None),
        };
        let placement = Placement::of(key.clone(), fingerprint, started_at);
        let entry = Entry {
            placement,
            settled,
            sent_again,
        };
        (key, Some(entry))
    }
}

fn line(value: &impl Serialize) -> String {
    // Texts and numbers only: that does not fail.
    let mut text = serde_json::to_string(value).unwrap_or_default();
    text.push('\n');
    text
}
