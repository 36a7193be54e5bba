//! Writes the spec where the crate embeds it, so that nothing of the bundler is needed at run time: the
//! index of operations as Rust, each part of the document as a JSON text by itself, and the document whole.

use std::error::Error;
use std::fmt::Write;
use std::path::PathBuf;
use std::{env, fs};

use kallyai_openapi::{Answer, Operation, Spec};
use serde_json::{Value, json};

/// What is there for people and takes time to parse.
const PROSE: &[&str] = &["description", "summary", "links", "tags", "x-effects"];

/// Below these stand values, in which every name means something.
const VALUES: &[&str] = &["default", "enum", "example", "examples", "x-error-codes"];

type Failure = Box<dyn Error>;

fn main() -> Result<(), Failure> {
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    let spec = Spec::load().map_err(|problems| {
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        lines.join("\n")
    })?;
    fs::write(out.join("whole.json"), serde_json::to_vec(spec.document())?)?;
    let mut document = spec.document().clone();
    drop_prose(&mut document);
    let mut source = String::new();
    write_entries(&mut source, &spec, &document)?;
    write_components(&mut source, &document)?;
    source += "pub(crate) static ERROR_CODES: &[(&str, u16, &str)] = &[\n";
    for known in spec.error_codes() {
        let (code, status, meaning) = (known.code, known.status, known.meaning);
        writeln!(source, "({code:?}, {status}, {meaning:?}),")?;
    }
    source += "];\n";
    let scopes = document
        .pointer("/components/securitySchemes/oauth/flows/authorizationCode/scopes")
        .and_then(Value::as_object)
        .ok_or("the document has no scopes")?;
    let scopes: Vec<&String> = scopes.keys().collect();
    writeln!(source, "pub(crate) static SCOPES: &[&str] = &{scopes:?};")?;
    fs::write(out.join("spec.rs"), source)?;
    // The spec is compiled into the bundler: cargo builds this script again when it changes.
    println!("cargo::rerun-if-changed=build.rs");
    Ok(())
}

fn write_entries(source: &mut String, spec: &Spec, document: &Value) -> Result<(), Failure> {
    *source += "pub(crate) static ENTRIES: &[Entry] = &[\n";
    for operation in spec.operations() {
        let definition = definition(&operation, spec, document)?.to_string();
        let Operation {
            id,
            method,
            path,
            public,
            scopes,
            bare_list,
            success_status,
            ..
        } = &operation;
        let answer = match &operation.answer {
            Answer::Json(schema) => format!("Json({schema:?})"),
            Answer::Text(content_type) => format!("Text({content_type:?})"),
            Answer::Empty => "Empty".to_owned(),
            Answer::Redirect => "Redirect".to_owned(),
            _ => return Err(format!("{id}: an answer of a new kind").into()),
        };
        writeln!(
            source,
            "Entry {{ id: {id:?}, method: {method:?}, path: {path:?}, public: {public}, \
             scopes: &{scopes:?}, bare_list: {bare_list:?}, answer: AnswerKind::{answer}, \
             success_status: {success_status}, definition: {definition:?} }},"
        )?;
    }
    *source += "];\n";
    Ok(())
}

/// The operation as it stands in the document, with its parameters and those of its path, all resolved.
fn definition(operation: &Operation, spec: &Spec, document: &Value) -> Result<Value, Failure> {
    let mut definition = document
        .get("paths")
        .and_then(|paths| {
            paths
                .get(&operation.path)?
                .get(operation.method.to_lowercase())
        })
        .cloned()
        .ok_or_else(|| format!("{}: not in the document", operation.id))?;
    let mut parameters = json!(spec.parameters(&operation.id));
    drop_prose(&mut parameters);
    for parameter in parameters.as_array().into_iter().flatten() {
        let place = parameter.get("in").and_then(Value::as_str);
        if !matches!(place, Some("path" | "query" | "header")) {
            return Err(format!("{}: a parameter is not understood", operation.id).into());
        }
    }
    if let Value::Object(definition) = &mut definition {
        definition.insert("parameters".to_owned(), parameters);
    }
    Ok(definition)
}

/// Everything that can be referred to, by its reference.
fn write_components(source: &mut String, document: &Value) -> Result<(), Failure> {
    *source += "pub(crate) static COMPONENTS: &[(&str, &str)] = &[\n";
    let kinds = document.get("components").and_then(Value::as_object);
    for (kind, components) in kinds.into_iter().flatten() {
        for (name, component) in components.as_object().into_iter().flatten() {
            let reference = format!("#/components/{kind}/{name}");
            writeln!(source, "({reference:?}, {:?}),", component.to_string())?;
        }
    }
    *source += "];\n";
    Ok(())
}

/// Of no use to the sandbox.
fn drop_prose(value: &mut Value) {
    match value {
        Value::Object(object) => {
            // A property may have the name of a keyword; its schema is an object with a type.
            object.retain(|name, value| {
                !PROSE.contains(&name.as_str())
                    || value.get("type").is_some()
                    || value.get("$ref").is_some()
            });
            for (name, value) in object {
                if !VALUES.contains(&name.as_str()) {
                    drop_prose(value);
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(drop_prose),
        _ => {}
    }
}
