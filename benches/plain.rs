//! What somebody would write by hand: structs for the same answers, with the types that serde gives.

use serde::{Deserialize, Serialize};

/// A page of calls.
#[derive(Debug, Deserialize)]
pub struct CallList {
    /// The calls.
    pub calls: Vec<Call>,
    /// How many there are.
    pub total: Option<u64>,
}

/// A call.
#[derive(Debug, Deserialize)]
pub struct Call {
    /// Its id.
    pub call_id: String,
    /// How it ended.
    pub status: CallStatus,
    /// The result.
    pub highlights: Option<String>,
    /// What comes next.
    pub next_steps: Option<String>,
    /// In seconds.
    pub duration_seconds: Option<f64>,
    /// In credits.
    pub credits_used: Option<f64>,
    /// Its times.
    pub metadata: Option<Metadata>,
    /// What was asked for.
    pub submission: Option<Submission>,
}

/// How a call ended.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum CallStatus {
    Success,
    NoAnswer,
    Busy,
    Failed,
    Voicemail,
    Cancelled,
}

/// Its times.
#[derive(Debug, Deserialize)]
pub struct Metadata {
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub ended_at: Option<String>,
}

/// What is asked for.
#[derive(Debug, Serialize, Deserialize)]
pub struct Submission {
    /// Of which kind.
    pub task_category: String,
    /// What to do.
    pub task_description: String,
    /// Whom to call.
    pub respondent_phone: String,
    /// Their name.
    pub business_name: Option<String>,
    /// For how many.
    pub party_size: Option<u32>,
    /// On which day.
    pub appointment_date: Option<String>,
    /// At which time.
    pub appointment_time: Option<String>,
    /// The app's.
    pub language: Option<String>,
    /// Of the conversation.
    pub call_language: Option<String>,
}

/// A call to be placed.
#[derive(Debug, Serialize)]
pub struct CallRequest {
    /// What is asked for.
    pub submission: Submission,
    /// Of the appointment.
    pub timezone: String,
}
