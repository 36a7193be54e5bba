//! Gives every request type a constructor for its required fields and a setter for each field.

use std::error::Error;

use kallyai_openapi::{DecodingCopy, Spec};
use quote::{format_ident, quote};
use syn::{
    Fields, GenericArgument, Ident, ImplItem, Item, ItemMod, ItemStruct, PathArguments, Type,
};

use crate::{checks, docs};

/// Adds the constructors to the module of types, and takes out what nobody should see there.
pub(crate) fn add(
    client: &mut syn::File,
    spec: &Spec,
    copy: &DecodingCopy,
) -> Result<(), Box<dyn Error>> {
    remove_new(client);
    let types = types_module(client).ok_or("progenitor wrote no module of types")?;
    let Some((_, items)) = &mut types.content else {
        return Err("the module of types is empty".into());
    };
    items.retain(|item| !matches!(item, Item::Mod(module) if module.ident == "error"));
    let mut added = Vec::new();
    for item in items.iter_mut() {
        let Item::Struct(item) = item else { continue };
        sort_fields(item, copy);
        if checks::is_sent(&item.ident, copy) {
            docs::document_fields(item, spec)?;
            added.push(constructor(item)?);
            let (name, check) = (&item.ident, checks::method(item, spec)?);
            added.push(syn::parse2(quote!(impl #name { #check }))?);
        }
    }
    items.extend(added);
    Ok(())
}

/// The generated client's own constructor panics, and waits 15 s at most: nobody shall call it.
fn remove_new(client: &mut syn::File) {
    for item in &mut client.items {
        if let Item::Impl(item) = item
            && item.trait_.is_none()
        {
            item.items
                .retain(|item| !matches!(item, ImplItem::Fn(f) if f.sig.ident == "new"));
        }
    }
}

fn types_module(client: &mut syn::File) -> Option<&mut ItemMod> {
    client.items.iter_mut().find_map(|item| match item {
        Item::Mod(module) if module.ident == "types" => Some(module),
        _ => None,
    })
}

/// Fields stand in the order of the spec; progenitor sorts them by name.
fn sort_fields(item: &mut ItemStruct, copy: &DecodingCopy) {
    let pointer = format!("/components/schemas/{}/properties", item.ident);
    let properties = copy.document.pointer(&pointer).and_then(|p| p.as_object());
    let (Some(properties), Fields::Named(fields)) = (properties, &mut item.fields) else {
        return;
    };
    let mut sorted: Vec<_> = std::mem::take(&mut fields.named).into_iter().collect();
    sorted.sort_by_key(|field| {
        let name = field
            .ident
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default();
        let name = name.trim_end_matches('_');
        properties
            .keys()
            .position(|key| key == name)
            .unwrap_or(usize::MAX)
    });
    fields.named = sorted.into_iter().collect();
}

/// A free-form body: a map of JSON values.
fn free_form(name: &Ident) -> Result<Item, Box<dyn Error>> {
    Ok(syn::parse2(quote! {
        impl #name {
            /// An empty body.
            pub fn new() -> Self {
                Self(::std::collections::BTreeMap::new())
            }

            /// Sets a field; no source shows which there are.
            #[must_use]
            pub fn field(
                mut self,
                name: impl Into<String>,
                value: impl Into<::serde_json::Value>,
            ) -> Self {
                self.0.insert(name.into(), value.into().into());
                self
            }
        }
    })?)
}

fn constructor(item: &ItemStruct) -> Result<Item, Box<dyn Error>> {
    let name = &item.ident;
    let Fields::Named(fields) = &item.fields else {
        return free_form(name);
    };
    let mut arguments = Vec::new();
    let mut values = Vec::new();
    let mut setters = Vec::new();
    let mut resets = Vec::new();
    for field in &fields.named {
        let Some(ident) = &field.ident else { continue };
        if ident == "extra" {
            values.push(quote!(extra: ::std::default::Default::default()));
            continue;
        }
        let docs = field.attrs.iter().filter(|a| a.path().is_ident("doc"));
        let wire = checks::wire(ident);
        let (kind, value) = if let Some(inner) = optional(&field.ty) {
            resets.push(quote!(#wire => self.#ident = None));
            values.push(quote!(#ident: None));
            (inner, quote!(Some(value.into())))
        } else {
            let kind = &field.ty;
            arguments.push(quote!(#ident: impl Into<#kind>));
            values.push(quote!(#ident: #ident.into()));
            (kind, quote!(value.into()))
        };
        let says = format!("Sets `{wire}`.");
        setters.push(quote! {
            #[doc = #says]
            ///
            #(#docs)*
            #[must_use]
            pub fn #ident(mut self, value: impl Into<#kind>) -> Self {
                self.#ident = #value;
                self
            }
        });
    }
    let says = format_ident!("{}", name);
    let says = format!("`{says}` with what it must have; all else is set afterwards.");
    Ok(syn::parse2(quote! {
        impl #name {
            #[doc = #says]
            pub fn new(#(#arguments),*) -> Self {
                Self { #(#values),* }
            }

            #(#setters)*

            /// Sets a field that the spec does not know, or an optional one to what its type cannot
            /// say, null for instance; it then stands in place of what was set. Its value is not checked: what
            /// the service takes and a check refuses can be sent so.
            #[must_use]
            pub fn extra_field(
                mut self,
                name: impl Into<String>,
                value: impl Into<::serde_json::Value>,
            ) -> Self {
                let name = name.into();
                match name.as_str() {
                    #(#resets,)*
                    _ => {}
                }
                self.extra.insert(name, value.into().into());
                self
            }
        }
    })?)
}

/// The `T` of an `Option<T>`.
pub(crate) fn optional(kind: &Type) -> Option<&Type> {
    let Type::Path(path) = kind else { return None };
    let last = path.path.segments.last()?;
    if last.ident != "Option" {
        return None;
    }
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    match arguments.args.first()? {
        GenericArgument::Type(inner) => Some(inner),
        _ => None,
    }
}
