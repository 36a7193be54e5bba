//! What somebody would write by hand: all fields of the document, with the types that serde gives.

// They are here because an answer has them, as in the clients that are compared.
#![allow(dead_code)]

use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
pub struct CallList {
    pub calls: Vec<Call>,
    pub total: Option<usize>,
}

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
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallStatus {
    Success,
    NoAnswer,
    Busy,
    Failed,
    Voicemail,
    Cancelled,
    Terminated,
}

#[derive(Deserialize)]
pub struct Metadata {
    pub created_at: Option<String>,
    pub ended_at: Option<String>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Submission {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_category: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub respondent_phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub appointment_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub appointment_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_preference_text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub party_size: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call_language: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_urgent: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub additional_instructions: Option<Vec<String>>,
}

#[derive(Serialize)]
pub struct CallRequest {
    pub submission: Submission,
    pub timezone: String,
}

#[derive(Deserialize)]
pub struct Tokens {
    pub access_token: String,
    pub refresh_token: Option<String>,
    pub expires_in: Option<u64>,
    pub scope: Option<String>,
    pub token_type: Option<String>,
}
