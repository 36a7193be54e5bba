//! The face of the library against the spec: every operation has its method, and every method says what there is
//! to say of it.

use std::collections::{BTreeMap, BTreeSet};

use kallyai_openapi::{Dials, Operation, Provenance, Spec};
use serde_json::Value;
use syn::{FnArg, ImplItem, Item, ItemImpl, ItemMod};

fn spec() -> Spec {
    Spec::load().expect("the spec merges")
}

/// The text of doc attributes.
fn docs(attributes: &[syn::Attribute]) -> String {
    attributes
        .iter()
        .filter_map(|attribute| match &attribute.meta {
            syn::Meta::NameValue(value) if value.path.is_ident("doc") => match &value.value {
                syn::Expr::Lit(literal) => match &literal.lit {
                    syn::Lit::Str(text) => Some(text.value() + "\n"),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        })
        .collect()
}

struct Method {
    docs: String,
    /// Its arguments but the handle.
    arguments: BTreeSet<String>,
    /// The setters of its request, with what they say.
    setters: BTreeMap<String, String>,
}

fn public(item: &ItemImpl) -> impl Iterator<Item = &syn::ImplItemFn> {
    item.items.iter().filter_map(|item| match item {
        ImplItem::Fn(method) if matches!(method.vis, syn::Visibility::Public(_)) => Some(method),
        _ => None,
    })
}

/// The name of `T` in a type `Request<T>`.
fn request_of(kind: &syn::Type) -> Option<String> {
    let syn::Type::Path(path) = kind else {
        return None;
    };
    let last = path.path.segments.last()?;
    let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    let argument = arguments.args.first()?;
    (last.ident == "Request").then(|| quote_text(argument))
}

fn quote_text(argument: &syn::GenericArgument) -> String {
    match argument {
        syn::GenericArgument::Type(syn::Type::Path(path)) => {
            path.path.segments.last().unwrap().ident.to_string()
        }
        _ => String::new(),
    }
}

/// The methods of a domain's handle, by name.
fn methods(module: &ItemMod) -> BTreeMap<String, Method> {
    let items = &module.content.as_ref().unwrap().1;
    let impls: Vec<&ItemImpl> = items
        .iter()
        .filter_map(|item| match item {
            Item::Impl(item) if item.trait_.is_none() => Some(item),
            _ => None,
        })
        .collect();
    let setters: BTreeMap<String, BTreeMap<String, String>> = impls
        .iter()
        .filter_map(|item| {
            let request = request_of(&item.self_ty)?;
            let setters = public(item).map(|m| (m.sig.ident.to_string(), docs(&m.attrs)));
            Some((request, setters.collect()))
        })
        .collect();
    impls
        .iter()
        .filter(|item| request_of(&item.self_ty).is_none())
        .flat_map(|item| public(item))
        .map(|method| {
            let syn::ReturnType::Type(_, answer) = &method.sig.output else {
                panic!("{} answers nothing", method.sig.ident)
            };
            let request = request_of(answer).expect("every method makes a request");
            let arguments = method.sig.inputs.iter().filter_map(|input| match input {
                FnArg::Typed(typed) => match &*typed.pat {
                    syn::Pat::Ident(pattern) => Some(pattern.ident.to_string()),
                    _ => None,
                },
                FnArg::Receiver(_) => None,
            });
            (
                method.sig.ident.to_string(),
                Method {
                    docs: docs(&method.attrs),
                    arguments: arguments.collect(),
                    setters: setters.get(&request).cloned().unwrap_or_default(),
                },
            )
        })
        .collect()
}

/// Every method of the library's generated sources: domain, name.
fn face() -> BTreeMap<(String, String), Method> {
    let file = syn::parse_file(include_str!(concat!(env!("OUT_DIR"), "/operations.rs"))).unwrap();
    file.items
        .iter()
        .filter_map(|item| match item {
            Item::Mod(module) => Some(module),
            _ => None,
        })
        .flat_map(|module| {
            methods(module)
                .into_iter()
                .map(|(name, method)| ((module.ident.to_string(), name), method))
        })
        .collect()
}

#[test]
fn every_operation_has_one_method_and_no_method_is_left() {
    let spec = spec();
    let found: BTreeSet<_> = face().into_keys().collect();
    let expected: BTreeSet<_> = spec
        .operations()
        .into_iter()
        .map(|operation| (operation.domain, operation.name))
        .collect();
    assert_eq!(found, expected);

    let handles = syn::parse_file(include_str!(concat!(env!("OUT_DIR"), "/handles.rs"))).unwrap();
    let handles: BTreeMap<String, String> = handles
        .items
        .iter()
        .filter_map(|item| match item {
            Item::Impl(item) => Some(public(item)),
            _ => None,
        })
        .flatten()
        .map(|method| (method.sig.ident.to_string(), docs(&method.attrs)))
        .collect();
    let domains: BTreeSet<&String> = expected.iter().map(|(domain, _)| domain).collect();
    assert_eq!(handles.keys().collect::<BTreeSet<_>>(), domains);
    assert!(handles.values().all(|docs| !docs.trim().is_empty()));
}

/// A parameter's name in Rust.
fn name_of(parameter: &Value) -> String {
    parameter["name"]
        .as_str()
        .unwrap()
        .to_lowercase()
        .replace('-', "_")
}

fn says(docs: &str, text: &str, id: &str) {
    let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        flat(docs).contains(&flat(text)),
        "{id}: {text:?} is not in\n{docs}"
    );
}

/// The part of the documentation under a heading, up to the next one.
fn section<'a>(docs: &'a str, heading: &str) -> Option<&'a str> {
    let (_, rest) = docs.split_once(&format!(" # {heading}\n"))?;
    let next = ["Arguments", "Answer", "Errors", "Example"]
        .iter()
        .filter_map(|next| rest.find(&format!(" # {next}\n")))
        .min();
    Some(&rest[..next.unwrap_or(rest.len())])
}

fn raw<'a>(spec: &'a Spec, operation: &Operation) -> &'a Value {
    &spec.document()["paths"][&operation.path][operation.method.to_lowercase()]
}

#[test]
fn every_method_says_what_it_does_costs_needs_and_answers() {
    let spec = spec();
    let face = face();
    let mut priced = 0;
    for operation in spec.operations() {
        let id = operation.id.as_str();
        let method = &face[&(operation.domain.clone(), operation.name.clone())];
        let docs = method.docs.as_str();
        says(docs, &operation.summary, id);
        says(docs, &operation.description, id);
        says(
            docs,
            &format!("`{} {}`", operation.method, operation.path),
            id,
        );
        assert!(
            docs.contains("credits") || docs.contains("Costs nothing."),
            "{id}: cost"
        );
        assert_eq!(
            operation.effects.dials == Dials::Direct,
            docs.contains("**Rings"),
            "{id}"
        );
        assert_eq!(
            operation.effects.irreversible,
            docs.contains("Cannot be taken back"),
            "{id}"
        );
        if let Some(price) = raw(&spec, &operation)["x-price"].as_str() {
            let list = &spec.document()["components"]["schemas"]["CreditCosts"]["example"]["costs"];
            for (unit, credits) in list[price].as_object().unwrap() {
                says(docs, &format!("`{unit}` {credits}"), id);
            }
            priced += 1;
        }
        let scope = match operation.scopes.as_slice() {
            _ if operation.public => "needs no sign-in".to_owned(),
            [] => "no source names a scope".to_owned(),
            scopes => format!("`{}`", scopes.join("`, `")),
        };
        says(docs, &scope, id);
        match operation.provenance {
            Provenance::Documented => says(docs, "The vendor documents this operation", id),
            Provenance::Observed => says(docs, "Only a published client", id),
            _ => says(docs, "No source shows this operation", id),
        }

        let answer = section(docs, "Answer").unwrap_or_else(|| panic!("{id}: no answer"));
        if let kallyai_openapi::Answer::Json(name) = &operation.answer {
            says(answer, &format!("[`{name}`]"), id);
            let schema = &spec.document()["components"]["schemas"][name];
            let assumed = schema["x-provenance"] == "assumed";
            assert_eq!(
                answer.contains("its fields are assumed"),
                assumed,
                "{id}: {answer}"
            );
        }
    }
    assert!(priced >= 8, "{priced}");
}

#[test]
fn every_method_explains_its_arguments_and_setters() {
    let spec = spec();
    let face = face();
    for operation in spec.operations() {
        let id = operation.id.as_str();
        let method = &face[&(operation.domain.clone(), operation.name.clone())];
        let (mut arguments, mut setters) = (BTreeSet::new(), BTreeSet::new());
        for parameter in spec.parameters(id) {
            let name = name_of(parameter);
            let description = parameter["description"].as_str().unwrap();
            let is_argument = |own: &String| own.trim_end_matches('_') == name;
            if let Some(own) = method.arguments.iter().find(|own| is_argument(own)) {
                let section = section(&method.docs, "Arguments").expect("arguments");
                says(section, &format!("- `{own}`: {description}"), id);
                arguments.insert(own.clone());
            } else {
                let (own, docs) = method
                    .setters
                    .iter()
                    .find(|(own, _)| is_argument(own))
                    .unwrap_or_else(|| panic!("{id} has no {name}"));
                says(docs, description, id);
                if let Some(most) = parameter["schema"]["maximum"].as_i64() {
                    says(docs, &format!("1 to {most}."), id);
                }
                setters.insert(own.clone());
            }
        }
        if let Some(name) = &operation.request {
            let section = section(&method.docs, "Arguments").expect("arguments");
            says(section, &format!("- `body`: [`{name}`]"), id);
            arguments.insert("body".to_owned());
        }
        assert_eq!(method.arguments, arguments, "{id}: no argument is left");
        assert_eq!(
            method.setters.keys().cloned().collect::<BTreeSet<_>>(),
            setters,
            "{id}"
        );
    }
}

#[test]
fn every_method_lists_its_errors_with_their_meaning() {
    let spec = spec();
    let face = face();
    let codes = spec.error_codes();
    for operation in spec.operations() {
        let id = operation.id.as_str();
        let docs = &face[&(operation.domain.clone(), operation.name.clone())].docs;
        let errors = section(docs, "Errors").unwrap_or_else(|| panic!("{id}: no errors"));
        for entry in raw(&spec, &operation)["x-errors"].as_array().unwrap() {
            let Some(name) = entry.as_str() else {
                assert!(
                    errors.contains(&format!(" - {entry}: ")),
                    "{id}: {entry}\n{errors}"
                );
                continue;
            };
            let code = codes.iter().find(|code| code.code == name).unwrap();
            let line = errors
                .lines()
                .find(|line| line.contains(&format!("[`{name}`]")));
            let line = line.unwrap_or_else(|| panic!("{id}: {name}\n{errors}"));
            assert!(line.contains(&code.meaning), "{line}");
            assert!(line.contains(&code.status.to_string()), "{line}");
        }
        for status in ["429", "5XX"] {
            assert!(errors.contains(&format!(" - {status}: ")), "{id}\n{errors}");
        }
        let own = raw(&spec, &operation)["x-errors"].as_array().unwrap();
        let refused = !operation.public || own.iter().any(|entry| entry == 401);
        assert_eq!(errors.contains(" - 401: "), refused, "{id}");
    }
}

#[test]
fn every_method_has_an_example_that_calls_it() {
    let spec = spec();
    let face = face();
    for operation in spec.operations() {
        let id = operation.id.as_str();
        let docs = &face[&(operation.domain.clone(), operation.name.clone())].docs;
        let example = section(docs, "Example").unwrap_or_else(|| panic!("{id}: no example"));
        // Compiled by the library's own doc tests.
        assert!(example.contains("```no_run\n"), "{id}");
        let flat: String = example.split_whitespace().collect();
        let call = format!("client.{}().{}(", operation.domain, operation.name);
        assert!(flat.contains(&call), "{id}: {example}");
        assert!(flat.contains(".await?"), "{id}");
    }
}
