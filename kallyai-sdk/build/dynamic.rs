//! Requests by the id of their operation: how the arguments of each become one.

use std::error::Error;

use kallyai_openapi::{Answer, Operation};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{FnArg, Pat, PatType, Type};

use crate::constructors::optional;
use crate::face;

/// A table of functions by operation id, in the order of the index.
pub(crate) fn requests(
    client: &syn::File,
    operations: &[Operation],
) -> Result<TokenStream, Box<dyn Error>> {
    let methods = face::methods(client);
    let rows = operations
        .iter()
        .map(|operation| {
            let id = &operation.id;
            let method = methods.get(id).ok_or_else(|| format!("no method {id}"))?;
            let (mut required, mut optionals) = (Vec::new(), Vec::new());
            let mut beside = Vec::new();
            for input in &method.sig.inputs {
                let FnArg::Typed(typed) = input else { continue };
                let Pat::Ident(pattern) = &*typed.pat else {
                    continue;
                };
                let name = &pattern.ident;
                let wire = name.to_string();
                let wire = wire.trim_end_matches('_');
                match optional(&typed.ty) {
                    Some(_) if wire == "idempotency_key" => optionals.push(quote! {
                        if let Some(key) = key { request = request.idempotency_key(key); }
                    }),
                    Some(inner) => {
                        let read = read(inner);
                        optionals.push(quote! {
                            if let Some(value) = arguments.given(#wire, Arguments::#read)? {
                                request = request.#name(value);
                            }
                        });
                        beside.push(wire.to_owned());
                    }
                    None if wire == "body" => {
                        let schema = operation
                            .request
                            .as_deref()
                            .ok_or("a body without a schema")?;
                        let schema = format_ident!("{schema}");
                        required.push(quote!(arguments.body::<crate::types::#schema>()?));
                    }
                    None => {
                        let read = read(&plain(typed));
                        required.push(quote!(arguments.needed(#wire, Arguments::#read)?));
                        beside.push(wire.to_owned());
                    }
                }
            }
            let (domain, name) = (
                format_ident!("{}", operation.domain),
                format_ident!("{}", operation.name),
            );
            let keyed = method.sig.inputs.iter().any(|input| {
                matches!(input, FnArg::Typed(PatType { pat, .. })
                    if matches!(&**pat, Pat::Ident(pattern) if pattern.ident == "idempotency_key"))
            });
            let key = if keyed { quote!(key) } else { quote!(_) };
            let given = if required.is_empty() && optionals.is_empty() {
                quote!(_)
            } else {
                quote!(arguments)
            };
            let mutable = (!optionals.is_empty()).then(|| quote!(mut));
            let encode = match &operation.answer {
                Answer::Redirect => quote!(redirect),
                Answer::Text(_) => quote!(text),
                Answer::Empty => quote!(nothing),
                _ => quote!(value),
            };
            let body = operation.request.is_some();
            Ok(quote! {
                Row {
                    id: #id,
                    beside: &[#(#beside),*],
                    body: #body,
                    keyed: #keyed,
                    build: |client, #given, #key| {
                        let #mutable request = client.#domain().#name(#(#required),*);
                        #(#optionals)*
                        Ok(Box::new(Known::new(request, encode::#encode)))
                    },
                }
            })
        })
        .collect::<Result<Vec<_>, Box<dyn Error>>>()?;
    Ok(quote! {
        /// Every operation, and how its arguments become a request.
        static REQUESTS: &[Row] = &[#(#rows),*];
    })
}

/// The type behind a reference.
fn plain(typed: &PatType) -> Type {
    match &*typed.ty {
        Type::Reference(reference) => (*reference.elem).clone(),
        other => other.clone(),
    }
}

/// How an argument of a type is read: texts become what they stand for by `From`.
fn read(kind: &Type) -> proc_macro2::Ident {
    let kind = match kind {
        Type::Reference(reference) => &reference.elem,
        other => other,
    };
    let is = |name: &str| matches!(kind, Type::Path(path) if path.path.is_ident(name));
    if is("bool") {
        format_ident!("flag")
    } else if ["u8", "u16", "u32", "u64", "i32", "i64"]
        .iter()
        .any(|name| is(name))
    {
        format_ident!("number")
    } else {
        format_ident!("text")
    }
}
