//! A world in this process, and what is asked of it.

use kallyai_bench::load::{Connection, request};
use kallyai_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::Failure;

/// A number whose calls succeed.
pub(crate) const SUCCEEDS: &str = "+12025550199";

/// A number whose calls are cancelled, which costs nothing: any number of them can be placed.
pub(crate) const FREE: &str = "+12025550105";

/// A world in which a call is over as soon as it is placed.
pub(crate) async fn start() -> Result<Sandbox, Failure> {
    Ok(Sandbox::builder().call_seconds(0.0).start().await?)
}

pub(crate) fn address(sandbox: &Sandbox) -> &str {
    sandbox.base_url().trim_start_matches("http://")
}

pub(crate) fn placing(token: &str, number: &str) -> Vec<u8> {
    let body = json!({
        "submission": {
            "task_category": "restaurant",
            "task_description": "Reserve a table for 4 at 8 pm",
            "respondent_phone": number,
            "business_name": "Italian Bistro",
            "party_size": 4,
            "language": "en",
            "call_language": "en",
        },
        "timezone": "America/New_York",
    });
    request("POST", "/v1/calls", token, &body.to_string())
}

pub(crate) fn getting(token: &str, call_id: &str) -> Vec<u8> {
    request("GET", &format!("/v1/calls/{call_id}"), token, "")
}

/// Places a call. The answer is its id.
pub(crate) async fn place(
    connection: &mut Connection,
    token: &str,
    number: &str,
) -> Result<String, Failure> {
    let answer = connection.ask(&placing(token, number)).await?;
    if answer.status != 201 {
        return Err(format!("placing was answered {}", answer.status).into());
    }
    let call: Value = serde_json::from_slice(answer.body)?;
    let id = call.get("call_id").and_then(Value::as_str);
    Ok(id.ok_or("a call without id")?.to_owned())
}
