//! The documentation of methods, setters and fields, as the spec says it.

use std::error::Error;

use kallyai_openapi::{Answer, Dials, Operation, Provenance, Spec, Spend};
use serde_json::Value;
use syn::{Fields, ItemStruct, parse_quote};

use crate::checks::{component, property, reference, wire};
use crate::example;
use crate::tables::pascal;

/// Documents the fields of a type that is sent.
pub(crate) fn document_fields(item: &mut ItemStruct, spec: &Spec) -> Result<(), Box<dyn Error>> {
    let schema = component(spec, &item.ident.to_string())?;
    let Fields::Named(fields) = &mut item.fields else {
        return Ok(());
    };
    for field in &mut fields.named {
        let name = field.ident.as_ref().map(wire);
        let Some(property) = name.and_then(|name| property(schema, &name)) else {
            field.attrs.push(parse_quote!(
                #[doc = " Fields that the spec does not know; they are sent as they are."]
            ));
            continue;
        };
        field
            .attrs
            .retain(|attribute| !attribute.path().is_ident("doc"));
        for line in described(spec, property, property) {
            field.attrs.push(parse_quote!(#[doc = #line]));
        }
    }
    Ok(())
}

/// What a setter of a parameter says.
pub(crate) fn setter(spec: &Spec, name: &str, parameter: &Value) -> Vec<String> {
    let mut lines = vec![format!(" Sets `{name}`."), String::new()];
    let schema = parameter.get("schema").unwrap_or(&Value::Null);
    lines.extend(described(spec, parameter, schema));
    if let Some(default) = schema.get("default") {
        lines.extend([
            String::new(),
            format!(" Without it the service takes {default}."),
        ]);
    }
    lines
}

/// A description, or that of what is referred to; then the limits.
fn described(spec: &Spec, described: &Value, schema: &Value) -> Vec<String> {
    let target = schema.pointer("/allOf/0").unwrap_or(schema);
    let target = reference(target).and_then(|name| component(spec, name).ok());
    let own = text(described, "description").or_else(|| text(target?, "description"));
    let mut lines: Vec<String> = own.into_iter().flat_map(lines).collect();
    let limits = [limits(schema), target.and_then(closed)];
    for limit in limits.into_iter().flatten() {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.push(format!(" {limit}"));
    }
    lines
}

/// What is checked before it is sent.
fn limits(schema: &Value) -> Option<String> {
    let number = |word: &str| schema.get(word).and_then(Value::as_i64);
    let (shortest, longest) = (number("minLength"), number("maxLength"));
    let (least, most) = (number("minimum"), number("maximum"));
    let format = schema.get("format").and_then(Value::as_str);
    let said = match (shortest, longest) {
        (Some(1), None) => "Not empty.".to_owned(),
        (Some(shortest), Some(longest)) => format!("{shortest} to {longest} characters."),
        (Some(shortest), None) => format!("At least {shortest} characters."),
        (None, Some(longest)) => format!("At most {longest} characters."),
        (None, None) => match (least, most) {
            (Some(least), Some(most)) => format!("{least} to {most}."),
            (Some(least), None) => format!("At least {least}."),
            (None, Some(most)) => format!("At most {most}."),
            (None, None) => match (number("minItems"), format) {
                (Some(1), _) => "At least one entry.".to_owned(),
                (Some(entries), _) => format!("At least {entries} entries."),
                (_, Some("time-zone")) => {
                    "The exact name of a time zone of the IANA database.".to_owned()
                }
                (_, Some("email")) => "An e-mail address.".to_owned(),
                (_, Some("phone-or-email")) => {
                    "A number is written in E.164, like `+12025550199`.".to_owned()
                }
                (_, Some("recipient")) => {
                    "What looks like a number must be one in E.164, like `+12025550199`.".to_owned()
                }
                (_, Some("date")) => "A date, `YYYY-MM-DD`.".to_owned(),
                (_, Some("uri")) => "A whole URL.".to_owned(),
                _ => return None,
            },
        },
    };
    Some(said)
}

/// The values of an enum that takes no others.
fn closed(schema: &Value) -> Option<String> {
    schema.get("x-closed")?;
    let values = schema
        .get("enum")?
        .as_array()?
        .iter()
        .filter_map(Value::as_str);
    let values: Vec<String> = values.map(|value| format!("`{value}`")).collect();
    Some(format!("One of {}.", values.join(", ")))
}

fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Value::as_str)
}

/// The lines of a text, as they stand in a doc attribute.
fn lines(text: &str) -> impl Iterator<Item = String> {
    text.trim().lines().map(|line| {
        if line.is_empty() {
            String::new()
        } else {
            format!(" {line}")
        }
    })
}

/// The operation as it stands in the document.
fn raw<'a>(spec: &'a Spec, operation: &Operation) -> Option<&'a Value> {
    let paths = spec.document().get("paths")?;
    paths
        .get(&operation.path)?
        .get(operation.method.to_lowercase())
}

/// The documentation of a method: what it does, costs, needs, takes and answers, and how it fails.
pub(crate) fn method(
    spec: &Spec,
    operation: &Operation,
    arguments: &[example::Argument<'_>],
) -> Result<Vec<String>, Box<dyn Error>> {
    let raw = raw(spec, operation).ok_or_else(|| format!("no operation {}", operation.id))?;
    let known = match operation.provenance {
        Provenance::Documented => "The vendor documents this operation.",
        Provenance::Observed => "Only a published client of the vendor sends this.",
        _ => "No source shows this operation: that it exists is assumed.",
    };
    let scopes = match operation.scopes.as_slice() {
        _ if operation.public => "It needs no sign-in.".to_owned(),
        [] => "It needs a sign-in; no source names a scope.".to_owned(),
        scopes => format!("It needs the scope `{}`.", scopes.join("`, `")),
    };
    let docs = [
        format!("{}.", operation.summary),
        operation.description.clone(),
        format!("`{} {}`", operation.method, operation.path),
        effects(spec, operation, raw)?,
        format!("{known} {scopes}"),
        taken(spec, arguments)?,
        format!("# Answer\n\n{}", answered(spec, operation)?),
        format!("# Errors\n\n{}", errors(spec, operation, raw)?),
        format!(
            "# Example\n\n```no_run\n{}```",
            example::of(spec, operation, arguments)?
        ),
    ];
    let docs: Vec<String> = docs.into_iter().filter(|part| !part.is_empty()).collect();
    let docs = docs.join("\n\n");
    Ok(lines(&docs).collect())
}

fn effects(spec: &Spec, operation: &Operation, raw: &Value) -> Result<String, Box<dyn Error>> {
    let mut said = Vec::new();
    match operation.effects.dials {
        Dials::Direct => said.push("**Rings a phone.**".to_owned()),
        Dials::Indirect => said.push("May lead to a phone call.".to_owned()),
        _ => {}
    }
    said.push(
        match operation.effects.spend {
            Spend::None => "Costs nothing.",
            Spend::Fixed => "Costs a fixed number of credits.",
            Spend::Metered => "Costs credits by what is used.",
            _ => "May cost credits or money; no source says.",
        }
        .to_owned(),
    );
    if let Some(price) = text(raw, "x-price") {
        let list = component(spec, "CreditCosts")?;
        let units = list
            .pointer(&format!("/example/costs/{price}"))
            .and_then(Value::as_object)
            .ok_or_else(|| format!("{}: no price {price}", operation.id))?;
        let units: Vec<String> = units
            .iter()
            .map(|(unit, credits)| format!("`{unit}` {credits}"))
            .collect();
        said.push(format!(
            "The published price list says in credits, for `{price}`: {}; \
             [`Credits::costs`](crate::operations::credits::Credits::costs) answers with the prices of today.",
            units.join(", "),
        ));
    }
    if operation.effects.irreversible {
        said.push("Cannot be taken back.".to_owned());
    }
    Ok(said.join(" "))
}

/// The required arguments.
fn taken(spec: &Spec, arguments: &[example::Argument<'_>]) -> Result<String, Box<dyn Error>> {
    let mut list = Vec::new();
    for argument in arguments.iter().filter(|argument| argument.required) {
        let said = match argument.source {
            example::Source::Body(name) => {
                let schema = component(spec, name)?;
                let description = text(schema, "description").unwrap_or_default();
                format!(
                    "[`{name}`](crate::types::{name}). {}",
                    one_line(description)
                )
            }
            example::Source::Parameter(parameter) => {
                let schema = parameter.get("schema").unwrap_or(&Value::Null);
                let said = described(spec, parameter, schema);
                one_line(&said.join(" "))
            }
        };
        list.push(format!("- `{}`: {said}", argument.name));
    }
    if list.is_empty() {
        return Ok(String::new());
    }
    Ok(format!("# Arguments\n\n{}", list.join("\n")))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn answered(spec: &Spec, operation: &Operation) -> Result<String, Box<dyn Error>> {
    Ok(match &operation.answer {
        Answer::Json(name) => {
            let schema = component(spec, name)?;
            let description = text(schema, "description").unwrap_or_default();
            let known = match text(schema, "x-provenance") {
                Some("documented") => "The vendor documents its fields.",
                Some("observed") => "Only a published client of the vendor reads these fields.",
                _ => {
                    "No source shows this answer: its fields are assumed, and whatever else arrives is in `extra`."
                }
            };
            format!(
                "[`{name}`](crate::types::{name}). {} {known}",
                one_line(description)
            )
        }
        Answer::Text(kind) => format!("A text, `{kind}`."),
        Answer::Redirect => {
            "A [`Redirect`](crate::types::Redirect), which is not followed.".to_owned()
        }
        _ => "Nothing.".to_owned(),
    })
}

/// Every code and status, with its meaning.
fn errors(spec: &Spec, operation: &Operation, raw: &Value) -> Result<String, Box<dyn Error>> {
    let published = spec.error_codes();
    let mut list = vec![
        "What is not valid is told before anything is sent: see \
         [`Error::problems`](crate::Error::problems). Else:\n"
            .to_owned(),
    ];
    for code in &operation.error_codes {
        let entry = published
            .iter()
            .find(|entry| entry.code == *code)
            .ok_or_else(|| format!("{}: no code {code}", operation.id))?;
        list.push(format!(
            "- [`{code}`](crate::ErrorCode::{}) ({}): {}.",
            pascal(code),
            entry.status,
            entry.meaning,
        ));
    }
    let bare: Vec<String> = raw
        .get("x-errors")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_u64)
        .map(|status| status.to_string())
        .collect();
    let answers = raw.get("responses").and_then(Value::as_object);
    for (status, answer) in answers.into_iter().flatten() {
        // The others are those of the codes above.
        let is_of_all = matches!(status.as_str(), "400" | "401" | "403" | "429" | "5XX");
        if is_of_all || bare.contains(status) {
            let answer = text(answer, "$ref")
                .and_then(|target| spec.document().pointer(target.strip_prefix('#')?))
                .unwrap_or(answer);
            let meaning = text(answer, "description").unwrap_or_default();
            list.push(format!("- {status}: {}", one_line(meaning)));
        }
    }
    Ok(list.join("\n"))
}
