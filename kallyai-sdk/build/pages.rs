//! The lists that come in pages: where their entries are, and how to ask for the next ones.

use std::error::Error;

use kallyai_openapi::{Operation, Pages, Spec};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::Value;
use syn::{GenericArgument, Item, ItemStruct, PathArguments, Type};

use crate::constructors::optional;
use crate::tables::pascal;

/// An implementation of `Paged` for each operation with `x-pages`.
pub(crate) fn paged(
    spec: &Spec,
    client: &syn::File,
    operations: &[Operation],
) -> Result<TokenStream, Box<dyn Error>> {
    let lists = operations
        .iter()
        .filter_map(|operation| {
            let pages = operation.pages.as_ref()?;
            Some(list(spec, client, operation, pages))
        })
        .collect::<Result<Vec<_>, _>>()?;
    Ok(quote!(#(#lists)*))
}

fn list(
    spec: &Spec,
    client: &syn::File,
    operation: &Operation,
    pages: &Pages,
) -> Result<TokenStream, Box<dyn Error>> {
    let missing = |what: &str| format!("{}: no {what}", operation.id);
    let kallyai_openapi::Answer::Json(schema) = &operation.answer else {
        return Err(missing("JSON").into());
    };
    let answer = structure(client, schema).ok_or_else(|| missing("answer"))?;
    let item = field(answer, &pages.items)
        .and_then(entry)
        .ok_or_else(|| missing("list in the answer"))?;
    let entries = structure(client, &item).ok_or_else(|| missing("entry"))?;

    // The field that the spec names, then other published names of the same list.
    let mut names = vec![pages.items.clone()];
    names.extend(fields(answer).filter(|name| {
        *name != pages.items && field(answer, name).and_then(entry).as_ref() == Some(&item)
    }));
    let (mut borrowed, mut taken) = (Vec::new(), Vec::new());
    for name in &names {
        let ident = format_ident!("{name}");
        let is_optional = field(answer, name).and_then(optional).is_some();
        if is_optional {
            borrowed.push(quote!(answer.#ident.as_deref().unwrap_or_default()));
            taken.push(quote!(answer.#ident.unwrap_or_default()));
        } else {
            borrowed.push(quote!(answer.#ident.as_slice()));
            taken.push(quote!(answer.#ident));
        }
    }

    let id = fields(entries)
        .find(|name| name == "id")
        .or_else(|| fields(entries).next().filter(|name| name.ends_with("_id")))
        .ok_or_else(|| missing("id in the entries"))?;
    let id_name = format_ident!("{id}");
    let id = match field(entries, &id).and_then(optional) {
        Some(_) => quote!(item.#id_name.as_deref()),
        None => quote!(Some(item.#id_name.as_str())),
    };

    let total = match field(answer, "total") {
        Some(_) => quote!(answer.total.as_ref().and_then(Decimal::to_i64)),
        None => quote!(
            answer
                .extra
                .get("total")
                .and_then(|told| told.value().as_i64())
        ),
    };
    let has_more = match field(answer, "has_more") {
        Some(_) => quote!(answer.has_more),
        None => quote!(
            answer
                .extra
                .get("has_more")
                .and_then(|told| told.value().as_bool())
        ),
    };

    let limit = spec
        .parameters(&operation.id)
        .into_iter()
        .find(|parameter| parameter.get("name").and_then(Value::as_str) == Some("limit"))
        .and_then(|parameter| parameter.get("schema"));
    let of_limit = |key: &str| {
        let number = limit
            .and_then(|limit| limit.get(key))
            .and_then(Value::as_u64);
        match number.and_then(|number| u32::try_from(number).ok()) {
            Some(number) => quote!(Some(#number)),
            None => quote!(None),
        }
    };
    let (usual, largest) = (of_limit("default"), of_limit("maximum"));
    let (asked, turn) = if pages.offset {
        (
            quote!((self.limit, self.offset)),
            quote! {
                self.limit = Some(limit);
                self.offset = Some(offset);
            },
        )
    } else {
        (quote!((self.limit, None)), quote!(let _ = (limit, offset);))
    };
    let domain = format_ident!("{}", operation.domain);
    let name = format_ident!("{}", pascal(&operation.name));
    let item = format_ident!("{item}");
    Ok(quote! {
        impl Paged for crate::operations::#domain::#name {
            type Item = types::#item;
            const USUAL: Option<u32> = #usual;
            const LARGEST: Option<u32> = #largest;

            fn asked(&self) -> (Option<u32>, Option<u32>) {
                #asked
            }

            fn turn_to(&mut self, limit: u32, offset: u32) {
                #turn
            }

            fn items(answer: &Self::Answer) -> &[Self::Item] {
                either([#(#borrowed),*])
            }

            fn into_items(answer: Self::Answer) -> Vec<Self::Item> {
                either([#(#taken),*])
            }

            fn id(item: &Self::Item) -> Option<&str> {
                #id
            }

            fn told(answer: &Self::Answer) -> (Option<u64>, Option<bool>) {
                let total = #total.and_then(|total| u64::try_from(total).ok());
                (total, #has_more)
            }
        }
    })
}

/// A type that progenitor wrote.
fn structure<'a>(client: &'a syn::File, name: &str) -> Option<&'a ItemStruct> {
    let types = client.items.iter().find_map(|item| match item {
        Item::Mod(module) if module.ident == "types" => module.content.as_ref(),
        _ => None,
    });
    types?.1.iter().find_map(|item| match item {
        Item::Struct(item) if item.ident == name => Some(item),
        _ => None,
    })
}

fn fields(of: &ItemStruct) -> impl Iterator<Item = String> {
    of.fields
        .iter()
        .filter_map(|field| Some(field.ident.as_ref()?.to_string()))
}

fn field<'a>(of: &'a ItemStruct, name: &str) -> Option<&'a Type> {
    of.fields
        .iter()
        .find(|field| field.ident.as_ref().is_some_and(|ident| ident == name))
        .map(|field| &field.ty)
}

/// `X` of `Vec<X>` or `Option<Vec<X>>`.
fn entry(list: &Type) -> Option<String> {
    let Type::Path(path) = optional(list).unwrap_or(list) else {
        return None;
    };
    let last = path.path.segments.last()?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    match arguments.args.first()? {
        GenericArgument::Type(Type::Path(inner)) if last.ident == "Vec" => {
            Some(inner.path.segments.last()?.ident.to_string())
        }
        _ => None,
    }
}
