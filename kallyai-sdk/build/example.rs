//! The example of each method, from the examples of the spec.

use std::collections::BTreeSet;
use std::error::Error;

use kallyai_openapi::{Answer, Operation, Spec};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::Value;

use crate::checks::{component, property, reference, strings};
use crate::tables::pascal;

/// An argument of a method, and what the spec says of it.
pub(crate) struct Argument<'a> {
    pub(crate) name: String,
    pub(crate) required: bool,
    pub(crate) source: Source<'a>,
}

#[derive(Clone, Copy)]
pub(crate) enum Source<'a> {
    /// The name of its schema.
    Body(&'a str),
    Parameter(&'a Value),
}

/// A function's body that calls the method with what it must have.
pub(crate) fn of(
    spec: &Spec,
    operation: &Operation,
    arguments: &[Argument<'_>],
) -> Result<String, Box<dyn Error>> {
    let mut writer = Writer {
        spec,
        uses: BTreeSet::new(),
    };
    let arguments = arguments
        .iter()
        .filter(|argument| argument.required)
        .map(|argument| match argument.source {
            Source::Body(name) => {
                let example = component(spec, name)?.get("example").ok_or("no example")?;
                writer.object(name, example)
            }
            Source::Parameter(parameter) => {
                let schema = parameter.get("schema").unwrap_or(&Value::Null);
                let example = parameter.get("example").ok_or("no example")?;
                match (reference(schema), example) {
                    (Some(_), _) => writer.value(schema, example)?.ok_or("no example"),
                    // Parameters are plain texts and numbers.
                    (None, Value::String(text)) => Ok(quote!(#text)),
                    (None, other) => other.to_string().parse().map_err(|_| "no literal"),
                }
                .map_err(Into::into)
            }
        })
        .collect::<Result<Vec<TokenStream>, Box<dyn Error>>>()?;
    let (domain, name) = (
        format_ident!("{}", operation.domain),
        format_ident!("{}", operation.name),
    );
    let call = quote!(client.#domain().#name(#(#arguments),*).await?);
    let statement = if operation.answer == Answer::Empty {
        quote!(#call;)
    } else {
        quote!(let answer = #call;)
    };
    let file: syn::File = syn::parse2(quote!(fn example() { #statement }))?;
    let written = prettyplease::unparse(&file);
    // Without the function around it.
    let body = written
        .lines()
        .filter_map(|line| line.strip_prefix("    "))
        .fold(String::new(), |body, line| body + line + "\n");
    let uses: Vec<&str> = writer.uses.iter().map(String::as_str).collect();
    let uses = match uses.as_slice() {
        [] => String::new(),
        [one] => format!("use kallyai_sdk::types::{one};\n\n"),
        several => format!("use kallyai_sdk::types::{{{}}};\n\n", several.join(", ")),
    };
    Ok(format!(
        "{uses}# async fn example(client: kallyai_sdk::Client) -> Result<(), Box<dyn std::error::Error>> {{\n\
         {body}# Ok(())\n# }}\n"
    ))
}

struct Writer<'a> {
    spec: &'a Spec,
    /// The types that it names.
    uses: BTreeSet<String>,
}

impl Writer<'_> {
    /// A request by its constructor, with what is required; where nothing is, with the rest of the example.
    fn object(&mut self, name: &str, example: &Value) -> Result<TokenStream, Box<dyn Error>> {
        self.uses.insert(name.to_owned());
        let schema = component(self.spec, name)?;
        let kind = format_ident!("{name}");
        let mut arguments = Vec::new();
        for field in strings(schema, "required") {
            let value = example
                .get(field)
                .ok_or_else(|| format!("{name}.{field}"))?;
            let property = property(schema, field).ok_or("no such field")?;
            let value = self.value(property, value)?;
            arguments.push(value.ok_or_else(|| format!("{name}.{field}: no example"))?);
        }
        let mut setters = Vec::new();
        if arguments.is_empty() {
            let first = schema.pointer("/anyOf/0");
            let named =
                |field: &str| first.is_none_or(|f| strings(f, "required").any(|n| n == field));
            for (field, value) in example.as_object().into_iter().flatten() {
                let Some(property) = property(schema, field).filter(|_| named(field)) else {
                    continue;
                };
                if let Some(value) = self.value(property, value)? {
                    let field = format_ident!("{field}");
                    setters.push(quote!(.#field(#value)));
                }
            }
        }
        Ok(quote!(#kind::new(#(#arguments),*)#(#setters)*))
    }

    /// A value; free-form objects have none.
    fn value(
        &mut self,
        schema: &Value,
        example: &Value,
    ) -> Result<Option<TokenStream>, Box<dyn Error>> {
        let schema = schema.pointer("/allOf/0").unwrap_or(schema);
        if let Some(name) = reference(schema) {
            let target = component(self.spec, name)?;
            if target.get("type").and_then(Value::as_str) == Some("object") {
                return self.object(name, example).map(Some);
            }
            if strings(target, "enum").any(|value| Some(value) == example.as_str()) {
                self.uses.insert(name.to_owned());
                let kind = format_ident!("{name}");
                let variant = format_ident!("{}", pascal(example.as_str().unwrap_or_default()));
                return Ok(Some(quote!(#kind::#variant)));
            }
            return Ok(Some(self.parsed(name, example)));
        }
        let format = schema.get("format").and_then(Value::as_str);
        let personal = schema.get("x-personal") == Some(&Value::Bool(true));
        Ok(
            match (schema.get("type").and_then(Value::as_str), example) {
                (Some("string"), Value::String(text)) => Some(match format {
                    Some("time-of-day") => self.parsed("TimeOfDay", example),
                    Some("local-date-time") => self.parsed("LocalDateTime", example),
                    Some("date") => quote!(#text.parse::<chrono::NaiveDate>()?),
                    _ => quote!(#text),
                }),
                (Some("integer"), Value::Number(number)) => {
                    let unsigned = schema
                        .get("minimum")
                        .and_then(Value::as_i64)
                        .is_some_and(|minimum| minimum >= 0);
                    let suffix = if unsigned { "_u32" } else { "_i64" };
                    Some(format!("{number}{suffix}").parse::<TokenStream>()?)
                }
                (Some("number"), number) => {
                    Some(self.parsed("Decimal", &Value::from(number.to_string())))
                }
                (Some("boolean"), Value::Bool(value)) => Some(quote!(#value)),
                (Some("array"), Value::Array(entries)) => {
                    let items = schema.get("items").unwrap_or(&Value::Null);
                    let is_text = items.get("type").and_then(Value::as_str) == Some("string");
                    let mut values = Vec::new();
                    for entry in entries {
                        let value = self
                            .value(items, entry)?
                            .ok_or("an entry without example")?;
                        values.push(if is_text && !personal {
                            quote!(#value.to_owned())
                        } else {
                            value
                        });
                    }
                    Some(quote!(vec![#(#values),*]))
                }
                _ => None,
            },
        )
    }

    fn parsed(&mut self, kind: &str, example: &Value) -> TokenStream {
        self.uses.insert(kind.to_owned());
        let kind = format_ident!("{kind}");
        let text = example.as_str().unwrap_or_default();
        quote!(#text.parse::<#kind>()?)
    }
}
