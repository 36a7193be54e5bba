//! The structs of [`plain`](crate::plain) with what serde has for fields that nobody knows.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::plain::CallStatus;

type Extra = BTreeMap<String, Value>;

/// A page of calls.
#[derive(Deserialize)]
pub struct CallList {
    pub calls: Vec<Call>,
    pub total: Option<u64>,
    #[serde(flatten)]
    pub extra: Extra,
}

/// A call.
#[derive(Deserialize)]
pub struct Call {
    pub call_id: String,
    pub status: CallStatus,
    pub highlights: Option<String>,
    pub next_steps: Option<String>,
    pub duration_seconds: Option<f64>,
    pub credits_used: Option<f64>,
    pub metadata: Option<Metadata>,
    pub submission: Option<Submission>,
    pub to: Option<String>,
    pub business_name: Option<String>,
    pub result_summary: Option<String>,
    pub created_at: Option<String>,
    pub ended_at: Option<String>,
    #[serde(flatten)]
    pub extra: Extra,
}

/// Its times.
#[derive(Deserialize)]
pub struct Metadata {
    pub created_at: Option<String>,
    pub ended_at: Option<String>,
    #[serde(flatten)]
    pub extra: Extra,
}

/// What was asked for.
#[derive(Deserialize)]
pub struct Submission {
    pub task_category: Option<String>,
    pub task_description: Option<String>,
    pub respondent_phone: Option<String>,
    pub business_name: Option<String>,
    pub user_name: Option<String>,
    pub user_phone: Option<String>,
    pub appointment_date: Option<String>,
    pub appointment_time: Option<String>,
    pub time_preference_text: Option<String>,
    pub party_size: Option<u32>,
    pub language: Option<String>,
    pub call_language: Option<String>,
    pub is_urgent: Option<bool>,
    pub additional_instructions: Option<Vec<String>>,
    #[serde(flatten)]
    pub extra: Extra,
}
