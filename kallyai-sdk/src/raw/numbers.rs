//! Phone numbers in a body that nobody knows.

use serde_json::Value;

use crate::check::rules;
use crate::error::{Error, Problem};

/// Fields that hold a phone number, wherever they stand.
const NUMBERS: [&str; 5] = [
    "respondent_phone",
    "user_phone",
    "target_number",
    "forwarding_number",
    "phone_number",
];
/// Fields that can hold one.
const RECIPIENTS: [&str; 2] = ["recipient_identifier", "target"];

/// What a text is held against.
type Rule = fn(&str) -> Result<(), rules::Reason>;

fn rule(field: &str) -> Option<Rule> {
    if NUMBERS.contains(&field) {
        Some(rules::is_number)
    } else if RECIPIENTS.contains(&field) {
        Some(rules::is_recipient)
    } else {
        None
    }
}

/// Every phone number in a body must be in E.164; all that are not are named.
pub(crate) fn check_body(body: &Value) -> Result<(), Error> {
    let mut problems = Vec::new();
    check(body, "", None, &mut problems);
    finish(problems)
}

/// A parameter of the query.
pub(super) fn check_parameter(name: &str, value: &str) -> Result<(), Error> {
    let mut problems = Vec::new();
    check(&value.into(), &shown(name), rule(name), &mut problems);
    finish(problems)
}

fn finish(problems: Vec<Problem>) -> Result<(), Error> {
    if problems.is_empty() {
        Ok(())
    } else {
        Err(Error::invalid_request(problems))
    }
}

fn check(value: &Value, place: &str, held: Option<Rule>, problems: &mut Vec<Problem>) {
    match (value, held) {
        (Value::Object(fields), _) => {
            for (name, value) in fields {
                let dot = if place.is_empty() { "" } else { "." };
                let place = format!("{place}{dot}{}", shown(name));
                check(value, &place, rule(name), problems);
            }
        }
        (Value::Array(list), _) => {
            for (index, value) in list.iter().enumerate() {
                check(value, &format!("{place}[{index}]"), held, problems);
            }
        }
        (Value::String(text), Some(held)) => {
            if let Err((why, code)) = held(text) {
                problems.push(Problem::new(place.to_owned(), why, code));
            }
        }
        (Value::Number(_) | Value::Bool(_), Some(_)) => {
            let why = "a phone number is a text, like \"+12025550199\"";
            problems.push(Problem::new(place.to_owned(), why, None));
        }
        _ => {}
    }
}

/// A name that is shown in errors, unless it could be something private.
fn shown(name: &str) -> String {
    let plain = name.len() <= 64 && name.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_');
    if plain { name } else { "*" }.to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn finds_numbers_at_every_depth() {
        for (body, place) in [
            (json!({"phone_number": "13105550147"}), "phone_number: "),
            (
                json!({"phone_number": 13_105_550_147_u64}),
                "phone_number: ",
            ),
            (json!({"phone_number": ""}), "phone_number: "),
            (
                json!({"a": [{"b": 1}, {"user_phone": "+1 310 555 0147"}]}),
                "a[1].user_phone: ",
            ),
            (
                json!({"target_number": ["+13105550147", "310"]}),
                "target_number[1]: ",
            ),
            (
                json!({"+13105550147": {"forwarding_number": "x"}}),
                "*.forwarding_number: ",
            ),
            (
                json!({"recipient_identifier": "+911"}),
                "recipient_identifier: ",
            ),
            (
                json!({"submission": {"respondent_phone": "+１３１０５５５０１４７"}}),
                "submission.respondent_phone: ",
            ),
        ] {
            let error = check_body(&body).unwrap_err();
            assert!(error.is_invalid_input());
            let text = error.to_string();
            assert!(text.contains(place), "{text}");
            assert!(!text.contains("310"), "{text}");
        }
    }

    #[test]
    fn names_all_of_them_with_their_codes() {
        let body = json!({"user_phone": "911", "target": "+1 202 555 0199"});
        let error = check_body(&body).unwrap_err();
        let found = error.problems();
        let mut fields: Vec<_> = found.iter().map(Problem::field).collect();
        // Whether a map of serde_json keeps the order is another crate's choice.
        fields.sort_unstable();
        assert_eq!(fields, ["target", "user_phone"]);
        assert_eq!(error.code(), Some(&crate::ErrorCode::EmergencyNumber));
    }

    #[test]
    fn lets_everything_else_pass() {
        for body in [
            json!({"phone_number": "+12025550199", "user_phone": null}),
            json!({"phone_number": {"country": "1"}}),
            json!({"number": "12", "phone": true}),
            json!({"target": "ada@example.com", "recipient_identifier": "+ada@example.com"}),
            json!({"target": "@ada"}),
            json!(["phone_number", 1]),
            json!(null),
        ] {
            check_body(&body).unwrap();
        }
        check_parameter("limit", "10").unwrap();
        check_parameter("phone_number", "+12025550199").unwrap();
        let error = check_parameter("phone_number", "2025550199").unwrap_err();
        assert_eq!(error.field(), Some("phone_number"));
    }
}
