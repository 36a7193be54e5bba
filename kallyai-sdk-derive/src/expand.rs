//! The code that is generated.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;

use crate::model::{Field, Task};
use crate::roles::Goes;
use crate::template::Piece;

pub(crate) fn expand(task: &Task) -> TokenStream {
    let Task {
        ident,
        category,
        template,
        doc,
        ..
    } = task;
    let fields = task.fields.iter().map(metadata);
    let body = body(task);
    quote! {
        #[automatically_derived]
        impl ::kallyai_sdk::CallTask for #ident {
            const CATEGORY: ::kallyai_sdk::types::TaskCategory =
                ::kallyai_sdk::types::TaskCategory::#category;
            const TEMPLATE: &'static str = #template;
            const DOC: &'static str = #doc;

            fn fields() -> &'static [::kallyai_sdk::call_task::TaskField] {
                const { &[#(#fields),*] }
            }

            fn to_call_request(
                &self,
            ) -> ::core::result::Result<::kallyai_sdk::types::CallRequest, ::kallyai_sdk::Error> {
                #body
            }
        }

        #[automatically_derived]
        impl ::core::convert::TryFrom<&#ident> for ::kallyai_sdk::types::CallRequest {
            type Error = ::kallyai_sdk::Error;

            fn try_from(task: &#ident) -> ::core::result::Result<Self, ::kallyai_sdk::Error> {
                ::kallyai_sdk::CallTask::to_call_request(task)
            }
        }

        #[automatically_derived]
        impl ::core::convert::TryFrom<#ident> for ::kallyai_sdk::types::CallRequest {
            type Error = ::kallyai_sdk::Error;

            fn try_from(task: #ident) -> ::core::result::Result<Self, ::kallyai_sdk::Error> {
                ::kallyai_sdk::CallTask::to_call_request(&task)
            }
        }
    }
}

fn metadata(field: &Field) -> TokenStream {
    let name = &field.name;
    let role = format_ident!("{}", field.role.map_or("Task", |role| role.variant));
    let kind = format_ident!("{}", field.json_kind());
    let doc = (!field.doc.is_empty()).then(|| {
        let doc = &field.doc;
        quote!(.doc(#doc))
    });
    let optional = field.optional.then(|| quote!(.optional()));
    quote! {
        ::kallyai_sdk::call_task::TaskField::new(
            #name,
            ::kallyai_sdk::call_task::TaskRole::#role,
            ::kallyai_sdk::call_task::FieldKind::#kind,
        ) #doc #optional
    }
}

/// What a value is sent as. Its span is that of the field's type, so that the compiler points there
/// when the type does not do.
fn sent(field: &Field, value: &TokenStream) -> TokenStream {
    let kind = &field.kind;
    let needs = Ident::new(field.role.map_or("Spelled", |role| role.needs), kind.span());
    quote_spanned! {kind.span()=>
        <#kind as ::kallyai_sdk::call_task::draft::#needs>::sent(#value)
    }
}

fn body(task: &Task) -> TokenStream {
    let draft = Ident::new("draft", Span::mixed_site());
    let request = Ident::new("request", Span::mixed_site());
    let mut takes = Vec::new();
    let mut sets = Vec::new();
    let mut phone = quote!(::core::option::Option::None);

    for (index, field) in task.fields.iter().enumerate() {
        let Some(role) = field.role else { continue };
        let (ident, name) = (&field.ident, &field.name);
        let binding = Ident::new(&format!("field_{index}"), Span::mixed_site());
        let take = if field.optional {
            let value = Ident::new("value", Span::mixed_site());
            let sent = sent(field, &quote!(#value));
            quote! {
                match &self.#ident {
                    ::core::option::Option::Some(#value) => #draft.take(#name, #sent),
                    ::core::option::Option::None => ::core::option::Option::None,
                }
            }
        } else {
            let sent = sent(field, &quote!(&self.#ident));
            quote!(#draft.take(#name, #sent))
        };
        takes.push(quote!(let #binding = #take;));
        match role.goes {
            Goes::Phone => phone = quote!(#binding),
            Goes::Submission(place) => {
                let place = format_ident!("{place}");
                sets.push(quote!(#request.submission.#place = #binding;));
            }
            Goes::Timezone => sets.push(quote! {
                if let ::core::option::Option::Some(zone) = #binding {
                    #request.timezone = zone;
                }
            }),
            Goes::SessionId => sets.push(quote!(#request.session_id = #binding;)),
            Goes::Instruction => takes.push(quote!(#draft.instruction(#binding);)),
            Goes::Instructions => takes.push(quote!(#draft.instructions(#binding);)),
        }
    }

    let words = task.pieces.iter().filter_map(|piece| match piece {
        Piece::Text(text) => Some(quote!(#draft.text(#text);)),
        Piece::Placeholder(name) => {
            let field = task.fields.iter().find(|field| field.name == *name)?;
            let ident = &field.ident;
            let sent = sent(field, &quote!(&self.#ident));
            Some(if field.role.is_some() {
                quote!(#draft.say(#sent);)
            } else {
                quote!(#draft.spell(#name, #sent);)
            })
        }
    });

    quote! {
        let mut #draft = ::kallyai_sdk::call_task::draft::Draft::new();
        #(#takes)*
        #(#words)*
        #[allow(unused_mut)]
        let mut #request = #draft.finish(<Self as ::kallyai_sdk::CallTask>::CATEGORY, #phone)?;
        #(#sets)*
        ::core::result::Result::Ok(#request)
    }
}
