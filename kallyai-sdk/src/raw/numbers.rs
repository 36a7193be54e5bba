//! Phone numbers in a body that nobody knows.

use serde_json::Value;

use crate::error::Error;
use crate::phone::E164;

/// Fields that hold a phone number, wherever they stand.
const FIELDS: [&str; 5] = [
    "respondent_phone",
    "user_phone",
    "target_number",
    "forwarding_number",
    "phone_number",
];

/// Every phone number in a body must be in E.164.
pub(super) fn check_body(body: &Value) -> Result<(), Error> {
    check(body, &mut Vec::new(), false)
}

/// A parameter of the query.
pub(super) fn check_parameter(name: &str, value: &str) -> Result<(), Error> {
    match FIELDS.iter().find(|field| **field == name) {
        Some(field) => value
            .parse::<E164>()
            .map(drop)
            .map_err(|why| Error::invalid_input(field, why.to_string())),
        None => Ok(()),
    }
}

fn check(value: &Value, path: &mut Vec<String>, is_number: bool) -> Result<(), Error> {
    let refuse = |path: &[String], why: &str| {
        let place = path.join(".");
        Err(Error::invalid_input("body", format!("{place}: {why}")))
    };
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                path.push(shown(name));
                check(value, path, FIELDS.contains(&name.as_str()))?;
                path.pop();
            }
        }
        Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                path.push(index.to_string());
                check(value, path, is_number)?;
                path.pop();
            }
        }
        Value::String(text) if is_number => {
            if let Err(why) = text.parse::<E164>() {
                return refuse(path, &why.to_string());
            }
        }
        Value::Number(_) | Value::Bool(_) if is_number => {
            return refuse(path, "a phone number is a text, like \"+12025550199\"");
        }
        _ => {}
    }
    Ok(())
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
                "a.1.user_phone: ",
            ),
            (
                json!({"target_number": ["+13105550147", "310"]}),
                "target_number.1: ",
            ),
            (
                json!({"+13105550147": {"forwarding_number": "x"}}),
                "*.forwarding_number: ",
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
    fn lets_everything_else_pass() {
        for body in [
            json!({"phone_number": "+12025550199", "user_phone": null}),
            json!({"phone_number": {"country": "1"}}),
            json!({"number": "12", "phone": true}),
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
