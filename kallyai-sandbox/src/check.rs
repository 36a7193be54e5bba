//! Checks requests and answers against the spec.

use std::fmt;

use axum::http::StatusCode;
use jsonschema::Validator;
use serde_json::{Map, Value};

use crate::catalogue::{Catalogue, Operation, Parameter, Place};
use crate::schema;
use crate::wire::{Answer, Content};

/// The validators of one operation.
pub(crate) struct Checks {
    parameters: Vec<(Parameter, Validator)>,
    body: Option<BodyCheck>,
    answers: Vec<AnswerCheck>,
    error: Validator,
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

/// The parameters of one place, by name.
pub(crate) type Values = Map<String, Value>;

impl Checks {
    pub(crate) fn compile(operation: &Operation, catalogue: &Catalogue) -> Result<Self, String> {
        let document = catalogue.document();
        let build = |schema: &Value| compile(schema, document);
        let parameters = operation
            .parameters
            .iter()
            .map(|parameter| Ok((parameter.clone(), build(&parameter.schema)?)))
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
        let responses = operation
            .definition
            .get("responses")
            .and_then(Value::as_object);
        for (status, response) in responses.into_iter().flatten() {
            // All errors share one body, checked by itself.
            let Some(status) = status.parse().ok().filter(|status| *status < 400) else {
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
        for (parameter, validator) in &self.parameters {
            let (place, values) = match parameter.place {
                Place::Path => ("path", path),
                Place::Query => ("query", query),
                Place::Header => ("header", headers),
            };
            let place = format!("{place}/{}", parameter.name);
            let key = match parameter.place {
                Place::Header => parameter.name.to_lowercase(),
                Place::Path | Place::Query => parameter.name.clone(),
            };
            match values.get(&key) {
                Some(value) => validate(validator, value, &place)?,
                None if parameter.required => return Err(Violation::new(place, "is required")),
                None => {}
            }
        }
        match &self.body {
            Some(check) => validate(&check.validator, body, "body"),
            None => Ok(()),
        }
    }

    /// Checks what is to be answered.
    pub(crate) fn answer(&self, answer: &Answer) -> Result<(), Violation> {
        let status = answer.status;
        if status.is_client_error() || status.is_server_error() {
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
            (Some(validator), Content::Json(body)) => validate(validator, body, "answer"),
            _ => Ok(()),
        }
    }
}

/// A query, form or path value as the JSON that its schema asks for; text that is no such value
/// stays text, and the validator says so.
pub(crate) fn coerce(catalogue: &Catalogue, schema: &Value, text: &str) -> Value {
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
        Some("integer" | "number") => number(),
        Some("boolean") => text.parse().ok().map(Value::Bool),
        _ => None,
    };
    value.unwrap_or_else(|| Value::String(text.to_owned()))
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

fn compile(schema: &Value, document: &Value) -> Result<Validator, String> {
    jsonschema::options()
        .with_draft(jsonschema::Draft::Draft202012)
        .build(&schema::standalone(schema, document))
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
