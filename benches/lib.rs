//! What the measurements share.

pub mod by_hand;
#[allow(missing_docs, missing_debug_implementations)]
pub mod keeping;
pub mod load;
// One for all measurements: a program of `peers` has it, too.
#[allow(missing_docs, missing_debug_implementations)]
#[path = "peers/programs/plain.rs"]
pub mod plain;
pub mod process;
pub mod server;
pub mod turns;

/// A call as the service answers with it.
pub const CALL: &str = r#"{"call_id":"7f6a1c1e-6a47-4c0c-9a53-0b2f5d8a9e01","status":"success","highlights":"Table for 4 confirmed at 8 pm under the name Carter.\nThey ask to call ahead if late.","next_steps":"Arrive five minutes early.","duration_seconds":142.9,"credits_used":1.24,"metadata":{"created_at":"2026-02-14T18:00:00Z","ended_at":"2026-02-14T18:02:22Z"},"submission":{"task_category":"restaurant","task_description":"Reserve a table for 4 at 8 pm","respondent_phone":"+12025550199","business_name":"Italian Bistro","party_size":4,"appointment_date":"2026-02-14","appointment_time":"20:00","language":"en","call_language":"en"}}"#;

/// A page of calls, each with an id of its own.
pub fn call_list(numbers: std::ops::Range<usize>) -> String {
    let calls: Vec<String> = numbers
        .map(|number| CALL.replacen("7f6a1c1e", &format!("{number:08x}"), 1))
        .collect();
    format!(r#"{{"calls":[{}]}}"#, calls.join(","))
}
