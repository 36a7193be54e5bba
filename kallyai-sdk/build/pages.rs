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

    let (borrowed, taken) = lists(answer, &pages.items, &item);
    let id = id(entries).ok_or_else(|| missing("id in the entries"))?;
    let told = told(answer);
    let (usual, largest) = limits(spec, operation);
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
                #told
            }
        }
    })
}

/// The lists of an answer, borrowed and taken: the field that the spec names, then other published names of the
/// same list.
fn lists(answer: &ItemStruct, first: &str, item: &str) -> (Vec<TokenStream>, Vec<TokenStream>) {
    let same = |name: &String| {
        name != first && field(answer, name).and_then(entry).as_deref() == Some(item)
    };
    std::iter::once(first.to_owned())
        .chain(fields(answer).filter(same))
        .map(|name| {
            let ident = format_ident!("{name}");
            if field(answer, &name).and_then(optional).is_some() {
                (
                    quote!(answer.#ident.as_deref().unwrap_or_default()),
                    quote!(answer.#ident.unwrap_or_default()),
                )
            } else {
                (quote!(answer.#ident.as_slice()), quote!(answer.#ident))
            }
        })
        .unzip()
}

/// What names an entry: its `id`, or an id of another name if that is its first field.
fn id(entries: &ItemStruct) -> Option<TokenStream> {
    let name = fields(entries)
        .find(|name| name == "id")
        .or_else(|| fields(entries).next().filter(|name| name.ends_with("_id")))?;
    let ident = format_ident!("{name}");
    Some(if field(entries, &name).and_then(optional).is_some() {
        quote!(item.#ident.as_deref())
    } else {
        quote!(Some(item.#ident.as_str()))
    })
}

/// What an answer says of the whole list, in fields of the spec or in others.
fn told(answer: &ItemStruct) -> TokenStream {
    let total = if field(answer, "total").is_some() {
        quote!(answer.total.as_ref().and_then(Decimal::to_i64))
    } else {
        quote!(
            answer
                .extra
                .get("total")
                .and_then(|told| told.value().as_i64())
        )
    };
    let has_more = if field(answer, "has_more").is_some() {
        quote!(answer.has_more)
    } else {
        quote!(
            answer
                .extra
                .get("has_more")
                .and_then(|told| told.value().as_bool())
        )
    };
    quote! {
        let total = #total.and_then(|total| u64::try_from(total).ok());
        (total, #has_more)
    }
}

/// The limit that counts where none is sent, and the largest.
fn limits(spec: &Spec, operation: &Operation) -> (TokenStream, TokenStream) {
    let schema = spec
        .parameters(&operation.id)
        .into_iter()
        .find(|parameter| parameter.get("name").and_then(Value::as_str) == Some("limit"))
        .and_then(|parameter| parameter.get("schema"));
    let limit = |key: &str| {
        let number = schema.and_then(|schema| schema.get(key)?.as_u64());
        let number = number.and_then(|number| u32::try_from(number).ok());
        number.map_or_else(|| quote!(None), |number| quote!(Some(#number)))
    };
    (limit("default"), limit("maximum"))
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
fn entry(kind: &Type) -> Option<String> {
    let Type::Path(path) = optional(kind).unwrap_or(kind) else {
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
