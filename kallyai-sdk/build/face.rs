//! The request builders: one a operation, derived from the signatures that progenitor wrote.

use std::collections::{BTreeMap, HashMap};
use std::error::Error;

use kallyai_openapi::{Answer, Operation, Spec};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use serde_json::Value;
use syn::{FnArg, ImplItem, ImplItemFn, Item, Pat, Type};

use crate::constructors::optional;
use crate::tables::pascal;
use crate::{checks, docs, example};

/// An argument of a generated method.
struct Argument {
    name: Ident,
    /// What the builder holds.
    held: TokenStream,
    /// What its constructor or setter takes, and how that is turned into what is held.
    taken: TokenStream,
    into: TokenStream,
    /// What is held without it, and what its setter makes of a value, if it is optional.
    empty: TokenStream,
    set: TokenStream,
    /// How it is handed to the generated method.
    passed: TokenStream,
    required: bool,
    /// How its text is reached, if it has one.
    text: Option<TokenStream>,
}

/// The modules of request builders, one a domain.
pub(crate) fn operations(
    client: &syn::File,
    spec: &Spec,
    operations: &[Operation],
) -> Result<TokenStream, Box<dyn Error>> {
    let methods = methods(client);
    let mut domains: BTreeMap<&str, Vec<TokenStream>> = BTreeMap::new();
    for (index, operation) in operations.iter().enumerate() {
        let method = methods
            .get(operation.id.as_str())
            .ok_or_else(|| format!("progenitor wrote no method {}", operation.id))?;
        domains
            .entry(&operation.domain)
            .or_default()
            .push(builder(index, spec, operation, method)?);
    }
    let modules = domains.into_iter().map(|(domain, builders)| {
        let name = format_ident!("{domain}");
        let handle = format_ident!("{}", pascal(domain));
        let doc = format!("The requests of [`Client::{domain}`](crate::Client::{domain}).");
        let handle_doc =
            format!("The operations of [`Client::{domain}`](crate::Client::{domain}).");
        quote! {
            #[doc = #doc]
            pub mod #name {
                use super::support::*;

                #[doc = #handle_doc]
                #[derive(Debug, Clone)]
                pub struct #handle {
                    pub(crate) client: Client,
                }

                #(#builders)*
            }
        }
    });
    Ok(quote!(#(#modules)*))
}

/// The methods of `Client` that give the handles of the domains.
pub(crate) fn handles(spec: &Spec, operations: &[Operation]) -> TokenStream {
    let mut seen = Vec::new();
    let tags = spec.document().get("tags").and_then(|tags| tags.as_array());
    let methods = operations.iter().filter_map(|operation| {
        if seen.contains(&&operation.domain) {
            return None;
        }
        seen.push(&operation.domain);
        let description = tags
            .into_iter()
            .flatten()
            .find(|tag| tag.get("name").and_then(|name| name.as_str()) == Some(&operation.domain))
            .and_then(|tag| tag.get("description")?.as_str())
            .unwrap_or_default();
        let name = format_ident!("{}", operation.domain);
        let handle = format_ident!("{}", pascal(&operation.domain));
        Some(quote! {
            #[doc = #description]
            pub fn #name(&self) -> crate::operations::#name::#handle {
                crate::operations::#name::#handle { client: self.clone() }
            }
        })
    });
    quote! {
        /// One handle a domain.
        impl Client {
            #(#methods)*
        }
    }
}

/// The methods that progenitor wrote, by operation id.
pub(crate) fn methods(client: &syn::File) -> HashMap<String, &ImplItemFn> {
    client
        .items
        .iter()
        .filter_map(|item| match item {
            Item::Impl(item) if item.trait_.is_none() => Some(&item.items),
            _ => None,
        })
        .flatten()
        .filter_map(|item| match item {
            ImplItem::Fn(function) => Some((function.sig.ident.to_string(), function)),
            _ => None,
        })
        .collect()
}

fn builder(
    index: usize,
    spec: &Spec,
    operation: &Operation,
    method: &ImplItemFn,
) -> Result<TokenStream, Box<dyn Error>> {
    let arguments: Vec<Argument> = method
        .sig
        .inputs
        .iter()
        .filter_map(|input| match input {
            FnArg::Typed(typed) => Some(argument(typed)),
            FnArg::Receiver(_) => None,
        })
        .collect::<Result<_, _>>()?;
    let domain = format_ident!("{}", pascal(&operation.domain));
    let name = format_ident!("{}", pascal(&operation.name));
    let call = &method.sig.ident;
    let function = format_ident!("{}", operation.name);
    let sources = sources(spec, operation, &arguments)?;
    let docs = docs::method(spec, operation, &sources)?;
    let (answer, read) = answer(&operation.answer)?;

    let fields = arguments.iter().map(|a| {
        let (name, held) = (&a.name, &a.held);
        quote!(pub(crate) #name: #held)
    });
    let taken = arguments.iter().filter(|a| a.required).map(|a| {
        let (name, taken) = (&a.name, &a.taken);
        quote!(#name: #taken)
    });
    let values = arguments.iter().map(|a| {
        let (name, into) = (&a.name, &a.into);
        if a.required && into.is_empty() {
            quote!(#name)
        } else if a.required {
            quote!(#name: #name #into)
        } else {
            let empty = &a.empty;
            quote!(#name: #empty)
        }
    });
    let setters = setters(&name, spec, &arguments, &sources);
    let passed = arguments.iter().map(|a| &a.passed);
    let checks = checks(spec, operation, &arguments, &sources)?;
    let keyed = keyed(&arguments);
    let id = &operation.id;
    let summary = format!("{}: see [`{domain}::{function}`].", operation.summary);
    Ok(quote! {
        #[doc = #summary]
        #[derive(Clone)]
        pub struct #name { #(#fields),* }

        impl ::std::fmt::Debug for #name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                // What is asked for can be personal.
                f.write_str(#id)
            }
        }

        impl Call for #name {
            type Answer = #answer;

            fn info() -> &'static Operation {
                &TABLE[#index]
            }

            fn check(&self, problems: &mut Problems) {
                #(#checks)*
            }

            #keyed

            fn write(&self, writer: &generated::Client) -> Written {
                written(writer.#call(#(#passed),*))
            }

            fn read(answered: Answered) -> Arrived<Self::Answer> {
                #read(Self::info(), answered)
            }
        }

        impl #domain {
            #(#[doc = #docs])*
            pub fn #function(&self, #(#taken),*) -> Request<#name> {
                Request::new(self.client.clone(), #name { #(#values),* })
            }
        }

        #setters
    })
}

/// What an operation with an idempotency key has beside the others.
fn keyed(arguments: &[Argument]) -> Option<TokenStream> {
    arguments
        .iter()
        .any(|a| a.name == "idempotency_key")
        .then(|| {
            quote! {
                fn idempotency_key(&self) -> Option<&str> {
                    self.idempotency_key.get()
                }

                fn keep_idempotency_key(&self) {
                    self.idempotency_key.keep();
                }

                fn around(
                    &self,
                    client: &Client,
                    deadline: ::std::time::Duration,
                    sending: impl Future<Output = Arrived<Self::Answer>> + Send,
                ) -> impl Future<Output = Arrived<Self::Answer>> + Send {
                    let key = self.idempotency_key.get();
                    place::or_look_up(client, &self.body, key, deadline, sending)
                }

                fn around_undecoded(
                    &self,
                    client: &Client,
                    deadline: ::std::time::Duration,
                    sending: impl Future<Output = Arrived<RawBody>> + Send,
                ) -> impl Future<Output = Arrived<RawBody>> + Send {
                    let key = self.idempotency_key.get();
                    place::or_look_up(client, &self.body, key, deadline, sending)
                }
            }
        })
}

/// What the spec says of each argument.
fn sources<'a>(
    spec: &'a Spec,
    operation: &'a Operation,
    arguments: &[Argument],
) -> Result<Vec<example::Argument<'a>>, Box<dyn Error>> {
    let parameters = spec.parameters(&operation.id);
    arguments
        .iter()
        .map(|argument| {
            let name = argument.name.to_string();
            let source = if name == "body" {
                operation.request.as_deref().map(example::Source::Body)
            } else {
                let is_it = |parameter: &&&Value| {
                    let wire = parameter.get("name").and_then(Value::as_str);
                    wire.is_some_and(|wire| {
                        wire.to_lowercase().replace('-', "_") == checks::wire(&argument.name)
                    })
                };
                let found = parameters.iter().find(is_it);
                found.map(|parameter| example::Source::Parameter(parameter))
            };
            Ok(example::Argument {
                source: source.ok_or_else(|| format!("{}: what is {name}?", operation.id))?,
                required: argument.required,
                name,
            })
        })
        .collect()
}

/// What is looked at before anything is sent: ids, the key, parameters, the body.
fn checks(
    spec: &Spec,
    operation: &Operation,
    arguments: &[Argument],
    sources: &[example::Argument<'_>],
) -> Result<Vec<TokenStream>, Box<dyn Error>> {
    let mut checks = Vec::new();
    for (argument, source) in arguments.iter().zip(sources) {
        let (name, says) = (&argument.name, argument.name.to_string());
        let parameter = match source.source {
            example::Source::Body(_) => {
                checks.push(quote!(self.body.check(&At::REQUEST, problems);));
                continue;
            }
            example::Source::Parameter(parameter) => parameter,
        };
        if name == "idempotency_key" {
            checks.push(quote!(problems.join(self.#name.check());));
        }
        if let Some(text) = &argument.text
            && operation.path_parameters.contains(&says)
        {
            checks.push(quote!(problems.join(check_path_segment(#says, #text));));
            continue;
        }
        let wire = checks::wire(name);
        let schema = parameter.get("schema").unwrap_or(&Value::Null);
        let of_value = checks::parameter(spec, &wire, schema)?;
        if of_value.is_empty() {
            continue;
        }
        checks.push(if argument.required {
            quote!({ let value = &self.#name; #of_value })
        } else {
            quote!(if let Some(value) = &self.#name #of_value)
        });
    }
    if checks.is_empty() {
        checks.push(quote!(let _ = problems;));
    }
    Ok(checks)
}

/// A setter for each optional argument.
fn setters(
    name: &Ident,
    spec: &Spec,
    arguments: &[Argument],
    sources: &[example::Argument<'_>],
) -> TokenStream {
    let setters: Vec<TokenStream> = arguments
        .iter()
        .zip(sources)
        .filter(|(a, _)| !a.required)
        .map(|(a, source)| {
            let (name, taken, set) = (&a.name, &a.taken, &a.set);
            let says = match source.source {
                example::Source::Parameter(parameter) => {
                    docs::setter(spec, &source.name, parameter)
                }
                example::Source::Body(_) => Vec::new(),
            };
            quote! {
                #(#[doc = #says])*
                pub fn #name(mut self, value: #taken) -> Self {
                    self.operation.#name = #set;
                    self
                }
            }
        })
        .collect();
    if setters.is_empty() {
        TokenStream::new()
    } else {
        quote! { impl Request<#name> { #(#setters)* } }
    }
}

/// The answer's type, and what reads it.
fn answer(answer: &Answer) -> Result<(TokenStream, TokenStream), Box<dyn Error>> {
    Ok(match answer {
        Answer::Json(schema) => {
            let schema = format_ident!("{schema}");
            (quote!(types::#schema), quote!(read::json))
        }
        Answer::Text(_) => (quote!(String), quote!(read::text)),
        Answer::Empty => (quote!(()), quote!(read::empty)),
        Answer::Redirect => (quote!(types::Redirect), quote!(read::redirect)),
        _ => return Err("an answer of a new kind".into()),
    })
}

fn argument(typed: &syn::PatType) -> Result<Argument, Box<dyn Error>> {
    let Pat::Ident(pattern) = &*typed.pat else {
        return Err("an argument without a name".into());
    };
    let name = pattern.ident.clone();
    let (inner, required) = match optional(&typed.ty) {
        Some(inner) => (inner, false),
        None => (&*typed.ty, true),
    };
    let (held, taken, into, passed, text) = match inner {
        Type::Reference(reference) => {
            let target = &reference.elem;
            let is_text = matches!(&**target, Type::Path(path) if path.path.is_ident("str"));
            let (held, as_option) = if is_text {
                (quote!(String), quote!(as_deref()))
            } else {
                (quote!(#target), quote!(as_ref()))
            };
            let passed = if required {
                quote!(&self.#name)
            } else {
                quote!(self.#name.#as_option)
            };
            let text = quote!(self.#name.as_str());
            (
                held.clone(),
                quote!(impl Into<#held>),
                quote!(.into()),
                passed,
                Some(text),
            )
        }
        plain => (
            quote!(#plain),
            quote!(#plain),
            TokenStream::new(),
            quote!(self.#name),
            None,
        ),
    };
    if name == "idempotency_key" {
        return Ok(Argument {
            held: quote!(IdempotencyKey),
            taken,
            into,
            empty: quote!(IdempotencyKey::default()),
            set: quote!(IdempotencyKey::given(value)),
            passed: quote!(self.#name.get()),
            required,
            text,
            name,
        });
    }
    Ok(Argument {
        held: if required {
            held
        } else {
            quote!(Option<#held>)
        },
        empty: quote!(None),
        set: quote!(Some(value #into)),
        name,
        taken,
        into,
        passed,
        required,
        text,
    })
}
