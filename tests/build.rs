//! Generates what the tests walk: typed mocks, a caller for each operation, a codec for each type.

#[path = "generator/checks.rs"]
#[allow(dead_code)]
mod checks;
#[path = "generator/constructors.rs"]
#[allow(dead_code)]
mod constructors;
#[path = "generator/docs.rs"]
#[allow(dead_code)]
mod docs;
#[path = "generator/example.rs"]
mod example;
#[path = "generator/face.rs"]
mod face;
#[path = "generator/settings.rs"]
mod settings;
#[path = "generator/tables.rs"]
#[allow(dead_code)]
mod tables;

use std::error::Error;
use std::path::Path;
use std::{env, fs};

use kallyai_openapi::{Operation, Spec};
use proc_macro2::TokenStream;
use progenitor::Generator;
use quote::{format_ident, quote};
use serde_json::Value;
use syn::{FnArg, Item, Pat};

fn main() -> Result<(), Box<dyn Error>> {
    for file in ["build.rs", "generator"] {
        println!("cargo::rerun-if-changed={file}");
    }
    let spec = Spec::load().map_err(|problems| format!("{problems:?}"))?;
    let copy = spec.decoding_copy();
    let operations = spec.operations();
    let document: openapiv3::OpenAPI = serde_json::from_value(copy.document.clone())?;
    let settings = settings::settings(&copy);
    let client: syn::File = syn::parse2(Generator::new(&settings).generate_tokens(&document)?)?;

    let out = env::var_os("OUT_DIR").ok_or("no OUT_DIR")?;
    let write = |name: &str, tokens: TokenStream| -> Result<(), Box<dyn Error>> {
        let file: syn::File = syn::parse2(tokens)?;
        fs::write(Path::new(&out).join(name), prettyplease::unparse(&file))?;
        Ok(())
    };
    write(
        "mocks.rs",
        Generator::new(&settings).httpmock(&document, "kallyai_sdk")?,
    )?;
    write("callers.rs", callers(&spec, &client, &operations)?)?;
    write("codecs.rs", codecs(&client))?;
    write("parameters.rs", parameters(&spec, &client, &operations)?)?;
    // For the test of the public API: what the library generates in its own build.
    write("handles.rs", face::handles(&spec, &operations))?;
    write(
        "operations.rs",
        face::operations(&client, &spec, &operations)?,
    )?;
    fs::write(
        Path::new(&out).join("client.rs"),
        prettyplease::unparse(&client),
    )?;
    Ok(())
}

/// A function for each operation that calls it with every parameter of the spec's examples, and gives
/// the answer encoded again.
fn callers(
    spec: &Spec,
    client: &syn::File,
    operations: &[Operation],
) -> Result<TokenStream, Box<dyn Error>> {
    let methods = face::methods(client);
    let rows = operations
        .iter()
        .map(|operation| {
            let method = methods.get(&operation.id).ok_or("no such method")?;
            let (mut required, mut optional) = (Vec::new(), Vec::new());
            for input in &method.sig.inputs {
                let FnArg::Typed(typed) = input else { continue };
                let Pat::Ident(pattern) = &*typed.pat else { continue };
                let name = &pattern.ident;
                if name == "body" {
                    let schema = operation.request.as_deref().ok_or("a body without a schema")?;
                    let schema = format_ident!("{schema}");
                    required.push(quote! {
                        ::serde_json::from_value::<::kallyai_sdk::types::#schema>(body.clone()).unwrap()
                    });
                    continue;
                }
                let value = literal(&parameter_example(spec, operation, &name.to_string())?)?;
                if constructors::optional(&typed.ty).is_some() {
                    optional.push(quote!(.#name(#value)));
                } else {
                    required.push(value);
                }
            }
            let (domain, name) = (
                format_ident!("{}", operation.domain),
                format_ident!("{}", operation.name),
            );
            let id = &operation.id;
            let encode = match &operation.answer {
                kallyai_openapi::Answer::Redirect => {
                    quote!(::serde_json::Value::from(answer.location().expose()))
                }
                _ => quote!(::serde_json::to_value(answer).unwrap()),
            };
            Ok(quote! {
                (#id, |client, body| Box::pin(async move {
                    let _ = &body;
                    let answer = client.#domain().#name(#(#required),*)#(#optional)*.await?;
                    Ok(#encode)
                }))
            })
        })
        .collect::<Result<Vec<_>, Box<dyn Error>>>()?;
    Ok(quote! {
        /// Every operation, with the example's parameters; the body is given.
        pub static CALLERS: &[(&str, Caller)] = &[#(#rows),*];
    })
}

/// For each parameter, a function that gives it a value, all else as in the examples, and checks the request.
fn parameters(
    spec: &Spec,
    client: &syn::File,
    operations: &[Operation],
) -> Result<TokenStream, Box<dyn Error>> {
    let methods = face::methods(client);
    let mut rows = Vec::new();
    for operation in operations {
        let method = methods.get(&operation.id).ok_or("no such method")?;
        let inputs: Vec<(&syn::Ident, &syn::Type)> = method
            .sig
            .inputs
            .iter()
            .filter_map(|input| match input {
                FnArg::Typed(typed) => match &*typed.pat {
                    Pat::Ident(pattern) => Some((&pattern.ident, &*typed.ty)),
                    _ => None,
                },
                FnArg::Receiver(_) => None,
            })
            .collect();
        for (chosen, chosen_type) in &inputs {
            if *chosen == "body" {
                continue;
            }
            let (mut required, mut setter) = (Vec::new(), TokenStream::new());
            for (name, kind) in &inputs {
                let given = if *name == "body" {
                    quote!(::serde_json::from_value::<::kallyai_sdk::types::BODY>(body).unwrap())
                } else if name == chosen {
                    quote!(value)
                } else {
                    literal(&parameter_example(spec, operation, &name.to_string())?)?
                };
                if *name == "body" {
                    let schema = operation
                        .request
                        .as_deref()
                        .ok_or("a body without a schema")?;
                    let text = given.to_string().replace("BODY", schema);
                    required.push(text.parse()?);
                } else if constructors::optional(kind).is_none() {
                    required.push(given);
                } else if name == chosen {
                    setter = quote!(.#name(#given));
                }
            }
            let plain = constructors::optional(chosen_type).unwrap_or(chosen_type);
            let kind = match plain {
                syn::Type::Reference(reference) => match &*reference.elem {
                    syn::Type::Path(path) if path.path.is_ident("str") => quote!(String),
                    other => quote!(#other),
                },
                other => quote!(#other),
            };
            let (domain, name) = (
                format_ident!("{}", operation.domain),
                format_ident!("{}", operation.name),
            );
            let (id, wire) = (&operation.id, checks::wire(chosen));
            rows.push(quote! {
                (#id, #wire, |client, body, value| {
                    let _ = &body;
                    let value: #kind =
                        ::serde_json::from_value(value).map_err(|error| error.to_string())?;
                    Ok(client.#domain().#name(#(#required),*)#setter.check())
                })
            });
        }
    }
    Ok(quote! {
        /// Every parameter of every operation.
        pub static PARAMETERS: &[(&str, &str, Checker)] = &[#(#rows),*];
    })
}

/// The example of a parameter, by its name in Rust.
fn parameter_example(
    spec: &Spec,
    operation: &Operation,
    name: &str,
) -> Result<Value, Box<dyn Error>> {
    let parameters = spec.parameters(&operation.id);
    let parameter = parameters
        .iter()
        .find(|p| {
            p.get("name")
                .and_then(Value::as_str)
                .is_some_and(|n| n.to_lowercase().replace('-', "_") == name.trim_end_matches('_'))
        })
        .ok_or_else(|| format!("{}: no parameter {name}", operation.id))?;
    Ok(parameter.get("example").cloned().ok_or("no example")?)
}

fn literal(value: &Value) -> Result<TokenStream, Box<dyn Error>> {
    Ok(match value {
        Value::String(text) => quote!(#text),
        other => other.to_string().parse::<TokenStream>()?,
    })
}

/// For each type, a function that decodes a value, and gives it encoded again and in `Debug`.
fn codecs(client: &syn::File) -> TokenStream {
    let names: Vec<_> = client
        .items
        .iter()
        .filter_map(|item| match item {
            Item::Mod(module) if module.ident == "types" => module.content.as_ref(),
            _ => None,
        })
        .flat_map(|(_, items)| items)
        .filter_map(|item| match item {
            Item::Struct(item) => Some(&item.ident),
            _ => None,
        })
        .collect();
    let rows = names.iter().map(|name| {
        let text = name.to_string();
        quote!((#text, codec::<::kallyai_sdk::types::#name>))
    });
    quote! {
        /// Every object that is sent or received.
        pub static CODECS: &[(&str, Codec)] = &[#(#rows),*];
    }
}
