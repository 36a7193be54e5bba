//! The checks of each request, from the strict document: what a type alone cannot keep out.
//!
//! A constraint that is not understood here stops the build, so that none stands in the document unchecked.

use std::error::Error;

use kallyai_openapi::{DecodingCopy, Spec};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::Value;
use syn::{Fields, Ident, ItemStruct};

use crate::constructors::optional;

type Written = Result<TokenStream, Box<dyn Error>>;

/// The keywords that need code and have none yet.
const NOT_UNDERSTOOD: &[&str] = &[
    "exclusiveMaximum",
    "exclusiveMinimum",
    "maxProperties",
    "minProperties",
    "multipleOf",
    "not",
    "oneOf",
    "uniqueItems",
];

/// The only pattern of a text that has no type of its own: a country.
const COUNTRY: &str = "^[A-Z]{2}$";

/// The method `check` of a request type.
pub(crate) fn method(item: &ItemStruct, spec: &Spec) -> Written {
    let name = item.ident.to_string();
    let schema = component(spec, &name)?;
    let Fields::Named(fields) = &item.fields else {
        return Ok(quote! {
            /// Nothing is known of its fields.
            #[allow(clippy::unused_self)]
            pub(crate) fn check(&self, _: &crate::check::At<'_>, _: &mut crate::check::Problems) {}
        });
    };
    let mut checks = Vec::new();
    for field in &fields.named {
        let Some(ident) = field.ident.as_ref().filter(|ident| *ident != "extra") else {
            continue;
        };
        let wire = wire(ident);
        let property = property(schema, &wire).ok_or_else(|| format!("{name} has no {wire}"))?;
        let is_set = if optional(&field.ty).is_some() {
            quote!(self.#ident.is_some() &&)
        } else {
            TokenStream::new()
        };
        checks.push(quote! {
            if #is_set self.extra.contains_key(#wire) {
                problems.duplicate(at, #wire);
            }
        });
        let of_value = value(spec, property, &format!("{name}.{wire}"), true)?;
        if of_value.is_empty() {
            continue;
        }
        let inner = quote!({
            let at = &at.field(#wire);
            #of_value
        });
        checks.push(if optional(&field.ty).is_some() {
            quote!(if let Some(value) = &self.#ident #inner)
        } else {
            quote!({ let value = &self.#ident; #inner })
        });
    }
    checks.push(alternatives(schema, fields));
    checks.push(not_past(spec, schema, &name)?);
    Ok(quote! {
        /// Adds what is wrong with it.
        pub(crate) fn check(
            &self,
            at: &crate::check::At<'_>,
            problems: &mut crate::check::Problems,
        ) {
            #(#checks)*
        }
    })
}

/// The checks of a parameter, whose `value` is a reference; texts are plain here.
pub(crate) fn parameter(spec: &Spec, name: &str, schema: &Value) -> Written {
    let of_value = value(spec, schema, name, false)?;
    if of_value.is_empty() {
        return Ok(of_value);
    }
    Ok(quote!({
        let at = &At::REQUEST.field(#name);
        #of_value
    }))
}

/// The checks of `value`, a reference, which stands at `at`.
fn value(spec: &Spec, schema: &Value, place: &str, typed: bool) -> Written {
    let schema = schema.pointer("/allOf/0").unwrap_or(schema);
    if let Some(name) = reference(schema) {
        let target = component(spec, name)?;
        if let Some(code) = target.get("x-closed").and_then(Value::as_str) {
            let listed = target.get("enum").and_then(Value::as_array);
            let listed = listed.into_iter().flatten().filter_map(Value::as_str);
            return Ok(quote! {
                crate::check::rules::listed(at, value.as_str(), &[#(#listed),*], #code, problems);
            });
        }
        return Ok(match target.get("type").and_then(Value::as_str) {
            Some("object") => quote!(value.check(at, problems);),
            // Enums are open, and E164 has checked itself.
            _ => TokenStream::new(),
        });
    }
    if let Some(word) = NOT_UNDERSTOOD.iter().find(|w| schema.get(**w).is_some()) {
        return Err(format!("{place}: {word} is not understood by build/checks.rs").into());
    }
    let number = |word: &str| schema.get(word).and_then(Value::as_i64);
    let count = |word: &str| {
        let count = number(word).and_then(|number| usize::try_from(number).ok());
        count.map_or_else(|| quote!(None), |count| quote!(Some(#count)))
    };
    let least = |word: &str| {
        number(word)
            .and_then(|n| usize::try_from(n).ok())
            .unwrap_or(0)
    };
    Ok(match schema.get("type").and_then(Value::as_str) {
        Some("string") => text(
            schema,
            place,
            typed,
            least("minLength"),
            &count("maxLength"),
        )?,
        Some("integer") if number("minimum").or(number("maximum")).is_some() => {
            let side = |word: &str| {
                number(word).map_or_else(|| quote!(None), |number| quote!(Some(#number)))
            };
            let (least, most) = (side("minimum"), side("maximum"));
            quote!(crate::check::rules::range(at, *value, #least, #most, problems);)
        }
        Some("number") if schema.get("minimum").or(schema.get("maximum")).is_some() => {
            return Err(format!("{place}: limits of fractions are not understood").into());
        }
        Some("array") => {
            let mut checks = TokenStream::new();
            if schema.get("minItems").or(schema.get("maxItems")).is_some() {
                let (least, most) = (least("minItems"), count("maxItems"));
                checks.extend(
                    quote!(crate::check::rules::items(at, value.len(), #least, #most, problems);),
                );
            }
            let items = schema.get("items").unwrap_or(&Value::Null);
            let of_item = value(spec, items, place, typed)?;
            if !of_item.is_empty() {
                checks.extend(quote! {
                    for (index, value) in value.iter().enumerate() {
                        let at = &at.item(index);
                        #of_item
                    }
                });
            }
            checks
        }
        _ => TokenStream::new(),
    })
}

fn text(schema: &Value, place: &str, typed: bool, least: usize, most: &TokenStream) -> Written {
    let format = schema.get("format").and_then(Value::as_str);
    let shown = match format {
        Some("password") if typed => quote!(value.expose()),
        _ => quote!(value.as_str()),
    };
    let mut checks = TokenStream::new();
    if schema
        .get("minLength")
        .or(schema.get("maxLength"))
        .is_some()
    {
        checks.extend(quote!(crate::check::rules::length(at, #shown, #least, #most, problems);));
    }
    let rule = match format {
        Some("time-of-day" | "local-date-time") if typed => return Ok(checks),
        Some("date") if typed => None,
        Some(rule @ ("date" | "email" | "phone-or-email" | "recipient" | "time-zone" | "uri")) => {
            Some(rule.replace('-', "_"))
        }
        None | Some("password") => None,
        Some(other) => {
            return Err(format!("{place}: format {other} is not understood in a request").into());
        }
    };
    let country = match schema.get("pattern").and_then(Value::as_str) {
        None => None,
        Some(COUNTRY) => Some("country".to_owned()),
        Some(other) => return Err(format!("{place}: pattern {other} is not understood").into()),
    };
    for rule in rule.into_iter().chain(country) {
        let rule = format_ident!("{rule}");
        checks.extend(quote!(crate::check::rules::#rule(at, #shown, problems);));
    }
    Ok(checks)
}

/// `anyOf` of `required`: of the alternatives that are not complete, the one that lacks least is told.
fn alternatives(schema: &Value, fields: &syn::FieldsNamed) -> TokenStream {
    let Some(alternatives) = schema.get("anyOf").and_then(Value::as_array) else {
        return TokenStream::new();
    };
    let alternatives = alternatives.iter().map(|alternative| {
        let names = strings(alternative, "required").map(|wire| {
            let field = fields.named.iter().filter_map(|field| field.ident.as_ref());
            let ident = field.clone().find(|ident| self::wire(ident) == wire);
            let is_set = ident.map(|ident| quote!(self.#ident.is_some() ||));
            quote!((#wire, #is_set self.extra.contains_key(#wire)))
        });
        quote!(&[#(#names),*])
    });
    quote!(problems.one_of(at, &[#(#alternatives),*]);)
}

/// `x-not-past`: an appointment that is not over.
fn not_past(spec: &Spec, schema: &Value, name: &str) -> Written {
    let Some(fields) = schema.get("x-not-past") else {
        return Ok(TokenStream::new());
    };
    let mut parts = Vec::new();
    for (part, at, convert) in [
        ("date", Some("at_date"), quote!(.copied())),
        (
            "time",
            Some("at_time"),
            quote!(.copied().map(::std::convert::Into::into)),
        ),
        (
            "timezone",
            None,
            quote!(.map(::std::string::String::as_str)),
        ),
    ] {
        let name_of = format_ident!("{part}");
        let found = match fields.get(part).and_then(Value::as_str) {
            None => None,
            Some(path) => Some(
                reach(spec, schema, path).ok_or_else(|| format!("{name}: x-not-past: {path}"))?,
            ),
        };
        let (field, place) = match found {
            Some((field, place)) => (quote!((#field)#convert), place),
            None => (quote!(None), quote!(*at)),
        };
        parts.push(quote!(#name_of: #field));
        if let Some(at) = at {
            let at = format_ident!("{at}");
            parts.push(quote!(#at: #place));
        }
    }
    Ok(quote!(crate::check::not_past(&crate::check::Appointment { #(#parts),* }, problems);))
}

/// A field by its path, as an `Option` of a reference, and where it stands.
fn reach(spec: &Spec, schema: &Value, path: &str) -> Option<(TokenStream, TokenStream)> {
    let (mut schema, mut expression, mut at) = (schema, quote!(self), quote!(at));
    let mut steps = path.split('.').peekable();
    while let Some(step) = steps.next() {
        let field = property(schema, step)?;
        let is_required = strings(schema, "required").any(|name| name == step);
        let ident = format_ident!("{step}");
        expression = quote!(#expression.#ident);
        if steps.peek().is_none() {
            let expression = if is_required {
                quote!(Some(&#expression))
            } else {
                quote!(#expression.as_ref())
            };
            return Some((expression, quote!(#at.field(#step))));
        }
        if !is_required {
            return None;
        }
        at = quote!(#at.field(#step));
        schema = component(spec, reference(field)?).ok()?;
    }
    None
}

/// The name of a field on the wire.
pub(crate) fn wire(ident: &Ident) -> String {
    ident.to_string().trim_end_matches('_').to_owned()
}

pub(crate) fn property<'a>(schema: &'a Value, name: &str) -> Option<&'a Value> {
    schema.get("properties")?.get(name)
}

pub(crate) fn reference(schema: &Value) -> Option<&str> {
    schema
        .get("$ref")?
        .as_str()?
        .strip_prefix("#/components/schemas/")
}

pub(crate) fn component<'a>(spec: &'a Spec, name: &str) -> Result<&'a Value, Box<dyn Error>> {
    spec.document()
        .pointer(&format!("/components/schemas/{name}"))
        .ok_or_else(|| format!("no schema {name}").into())
}

pub(crate) fn strings<'a>(schema: &'a Value, key: &str) -> impl Iterator<Item = &'a str> {
    schema
        .get(key)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}

/// The names of the types that are sent.
pub(crate) fn is_sent(name: &Ident, copy: &DecodingCopy) -> bool {
    !copy.answers.contains(&name.to_string())
}
