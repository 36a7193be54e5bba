//! Checks requests and answers against the spec.

use std::fmt;

use axum::http::StatusCode;
use jsonschema::Validator;
use serde_json::{Map, Value};

use crate::catalogue::{Catalogue, Operation, Parameter, Place};
use crate::formats::FORMATS;
use crate::schema;
use crate::wire::{Answer, Content};

/// The validators of one operation.
pub(crate) struct Checks {
    parameters: Vec<ParameterCheck>,
    body: Option<BodyCheck>,
    answers: Vec<AnswerCheck>,
    /// The error statuses of the spec: `404`, `5XX`.
    errors: Vec<String>,
    error: Validator,
}

struct ParameterCheck {
    place: Place,
    /// As it stands in a request: headers in lower case.
    key: String,
    /// As it stands in errors: `query/limit`.
    name: String,
    required: bool,
    validator: Validator,
}

struct BodyCheck {
    content_type: String,
    validator: Validator,
}

struct AnswerCheck {
    status: u16,
    contents: Vec<(String, Option<Validator>)>,
}

/// What does not fit the spec, and where. It quotes nothing of what was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    /// `body/submission/task_description`
    pub(crate) place: String,
    pub(crate) problem: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.problem)
    }
}

impl Violation {
    pub(crate) fn new(place: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            problem: problem.into(),
        }
    }
}

impl ParameterCheck {
    fn new(parameter: &Parameter, validator: Validator) -> Self {
        let name = &parameter.name;
        let (place, key) = match parameter.place {
            Place::Path => ("path", name.clone()),
            Place::Query => ("query", name.clone()),
            Place::Header => ("header", name.to_lowercase()),
        };
        Self {
            place: parameter.place,
            key,
            name: format!("{place}/{name}"),
            required: parameter.required,
            validator,
        }
    }
}

/// The parameters of one place, by name.
pub(crate) type Values = Map<String, Value>;

impl Checks {
    pub(crate) fn compile(operation: &Operation, catalogue: &Catalogue) -> Result<Self, String> {
        let build = |schema: &Value| compile(schema, catalogue);
        let parameters = operation
            .parameters()
            .iter()
            .map(|parameter| {
                let validator = build(&parameter.schema)?;
                Ok(ParameterCheck::new(parameter, validator))
            })
            .collect::<Result<_, String>>()?;
        let body = contents(operation.definition.get("requestBody"))
            .next()
            .map(|(content_type, media)| {
                Ok::<_, String>(BodyCheck {
                    content_type: content_type.clone(),
                    validator: build(media.get("schema").unwrap_or(&Value::Bool(true)))?,
                })
            })
            .transpose()?;
        let mut answers = Vec::new();
        let mut errors = Vec::new();
        let responses = operation
            .definition
            .get("responses")
            .and_then(Value::as_object);
        for (name, response) in responses.into_iter().flatten() {
            // All errors share one body, checked by itself.
            let Some(status) = name.parse().ok().filter(|status| *status < 400) else {
                errors.push(name.clone());
                continue;
            };
            let contents = contents(Some(catalogue.resolve(response)))
                .map(|(content_type, media)| {
                    let json = content_type == "application/json";
                    let validator = media.get("schema").filter(|_| json).map(build);
                    Ok((content_type.clone(), validator.transpose()?))
                })
                .collect::<Result<_, String>>()?;
            answers.push(AnswerCheck { status, contents });
        }
        Ok(Self {
            parameters,
            body,
            answers,
            errors,
            error: build(&serde_json::json!({ "$ref": "#/components/schemas/ErrorBody" }))?,
        })
    }

    /// The content type that the body must have, if there is to be one.
    pub(crate) fn body_type(&self) -> Option<&str> {
        self.body.as_ref().map(|body| body.content_type.as_str())
    }

    /// Checks what was sent: the parameters of each place, then the body.
    pub(crate) fn request(
        &self,
        path: &Values,
        query: &Values,
        headers: &Values,
        body: &Value,
    ) -> Result<(), Violation> {
        for check in &self.parameters {
            let values = match check.place {
                Place::Path => path,
                Place::Query => query,
                Place::Header => headers,
            };
            match values.get(&check.key) {
                Some(value) => validate(&check.validator, value, &check.name)?,
                None if check.required => {
                    return Err(Violation::new(check.name.as_str(), "is required"));
                }
                None => {}
            }
        }
        match &self.body {
            Some(check) => validate(&check.validator, body, "body"),
            None => Ok(()),
        }
    }

    /// Whether the spec has this error status, by itself or by its class.
    fn admits(&self, status: StatusCode) -> bool {
        let class = format!("{}XX", status.as_u16() / 100);
        self.errors
            .iter()
            .any(|known| known == status.as_str() || *known == class)
    }

    /// Checks what is to be answered.
    pub(crate) fn answer(&self, answer: &Answer) -> Result<(), Violation> {
        let status = answer.status;
        if status.is_client_error() || status.is_server_error() {
            if !self.admits(status) {
                return Err(Violation::new(
                    "answer",
                    format!("{status} is not documented"),
                ));
            }
            return match &answer.content {
                Content::Json(body) => validate(&self.error, body, "answer"),
                _ => Err(Violation::new("answer", "an error is JSON")),
            };
        }
        let check = self
            .answers
            .iter()
            .find(|check| check.status == status.as_u16())
            .ok_or_else(|| Violation::new("answer", format!("{status} is not documented")))?;
        if status == StatusCode::FOUND && answer.header("location").is_none() {
            return Err(Violation::new("answer", "a redirect needs a Location"));
        }
        let Some(content_type) = answer.content.content_type() else {
            return if check.contents.is_empty() {
                Ok(())
            } else {
                Err(Violation::new("answer", "the body is missing"))
            };
        };
        let (_, validator) = check
            .contents
            .iter()
            .find(|(documented, _)| same_type(documented, content_type))
            .ok_or_else(|| Violation::new("answer", format!("{content_type} is not documented")))?;
        match (validator, &answer.content) {
            (Some(validator), Content::Json(body)) => {
                validate(validator, body, "answer")?;
                match &answer.alternate {
                    Some(alternate) => validate(validator, alternate, "answer/alternate"),
                    None => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }
}

/// A query, form or path value as the JSON that its schema asks for; text that is no such value
/// stays text, and the validator says so.
pub(crate) fn coerce(catalogue: &Catalogue, schema: &Value, text: &str) -> Value {
    let integer = || {
        let small = text.parse::<i64>().ok().map(Value::from);
        small.or_else(|| huge(text).map(Value::from))
    };
    let number = || {
        serde_json::from_str::<Value>(text)
            .ok()
            .filter(Value::is_number)
    };
    let value = match catalogue
        .resolve(schema)
        .get("type")
        .and_then(Value::as_str)
    {
        Some("integer") => integer(),
        Some("number") => number(),
        Some("boolean") => text.parse().ok().map(Value::Bool),
        _ => None,
    };
    value.unwrap_or_else(|| Value::String(text.to_owned()))
}

/// A whole number that is too great to count with: nothing here is so far away that the greatest number
/// would not do. One that is too small stays text; the spec has no place for either.
fn huge(text: &str) -> Option<i64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then_some(i64::MAX)
}

/// Whether two content types are the same but for their parameters.
pub(crate) fn same_type(left: &str, right: &str) -> bool {
    let essence = |text: &str| {
        text.split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase()
    };
    essence(left) == essence(right)
}

fn compile(schema: &Value, catalogue: &Catalogue) -> Result<Validator, String> {
    let schema = schema::standalone(schema, |name| catalogue.schema(name));
    FORMATS
        .iter()
        .fold(jsonschema::options(), |options, (name, check)| {
            options.with_format(*name, check)
        })
        // Its meta-schema is one document, and takes a fraction of the time of the eight of a later draft to
        // compile; nothing that the spec says needs more.
        .with_draft(jsonschema::Draft::Draft7)
        .should_validate_formats(true)
        .build(&schema)
        .map_err(|error| error.to_string())
}

fn contents(owner: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    owner
        .and_then(|owner| owner.get("content"))
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
}

fn validate(validator: &Validator, value: &Value, place: &str) -> Result<(), Violation> {
    validator.validate(value).map_err(|error| {
        Violation::new(
            format!("{place}{}", error.instance_path().as_str()),
            error.masked().to_string(),
        )
    })
}

#[cfg(test)]
#[allow(clippy::expect_used)]
mod tests {
    use super::*;
    use crate::catalogue::catalogue;

    #[test]
    fn an_error_needs_a_documented_status() {
        let catalogue = catalogue().expect("the spec is embedded");
        let checks = |id: &str| {
            let operation = catalogue.operation(id).expect("the spec has it");
            operation.checks(catalogue).expect("its schemas compile")
        };
        let error = |status| Answer::error(status, "code", "A message.");
        for status in [401, 404, 429, 500, 503] {
            assert!(
                checks("calls_get").answer(&error(status)).is_ok(),
                "{status}"
            );
        }
        for status in [402, 409, 413, 418, 422] {
            assert!(
                checks("calls_get").answer(&error(status)).is_err(),
                "{status}"
            );
        }
        for id in [
            "calls_create",
            "calls_cancel",
            "calls_stop",
            "calls_reschedule",
        ] {
            assert!(checks(id).answer(&error(409)).is_ok(), "{id}");
        }
    }

    #[test]
    fn an_id_that_is_to_be_a_uuid_is_one() {
        let catalogue = catalogue().expect("the spec is embedded");
        let operation = catalogue.operation("calls_get").expect("the spec has it");
        let checks = operation.checks(catalogue).expect("its schemas compile");
        let answer = |id: &str| {
            let call = serde_json::json!({ "call_id": id, "status": "success" });
            checks.answer(&Answer::ok(call))
        };
        assert!(answer("7f6a1c1e-6a47-4c0c-9a53-0b2f5d8a9e01").is_ok());
        for id in ["", "call-1", "7f6a1c1e6a474c0c9a530b2f5d8a9e01"] {
            assert!(answer(id).is_err(), "{id}");
        }
    }
}
