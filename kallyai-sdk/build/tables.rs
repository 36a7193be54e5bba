//! What is data in the spec and data in the library: enums, error codes, the index of operations.

use kallyai_openapi::{Answer, DecodingCopy, Dials, Operation, Provenance, Spec, Spend};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

/// `no_answer` and `AI` as the name of a variant or a type.
pub(crate) fn pascal(name: &str) -> String {
    name.split(['_', '-'])
        .map(|part| {
            let mut letters = part.chars();
            let first: String = letters
                .next()
                .into_iter()
                .flat_map(char::to_uppercase)
                .collect();
            first + &letters.as_str().to_lowercase()
        })
        .collect()
}

/// One `open_enum!` for each enum of the spec.
pub(crate) fn enums(copy: &DecodingCopy) -> TokenStream {
    let enums = copy.enums.iter().map(|(name, description, values)| {
        let name = format_ident!("{name}");
        let variants = values.iter().map(|value| {
            let variant = format_ident!("{}", pascal(value));
            quote!(#variant = #value)
        });
        quote! {
            open_enum! {
                #[doc = #description]
                pub enum #name { #(#variants),* }
            }
        }
    });
    quote!(#(#enums)*)
}

/// The published error codes.
pub(crate) fn error_codes(spec: &Spec) -> TokenStream {
    let codes = spec.error_codes();
    let codes = codes.iter().map(|code| {
        let variant = format_ident!("{}", pascal(&code.code));
        let (wire, status, meaning) = (&code.code, code.status, &code.meaning);
        let remedy = option(code.remedy.as_ref());
        quote!(#variant = (#wire, #status, #meaning, #remedy))
    });
    quote! { error_codes! { #(#codes),* } }
}

fn option(value: Option<&String>) -> TokenStream {
    value.map_or_else(|| quote!(None), |value| quote!(Some(#value)))
}

/// The index of operations as a static table.
pub(crate) fn operations(operations: &[Operation]) -> TokenStream {
    let rows = operations.iter().map(|operation| {
        let Operation {
            id,
            domain,
            name,
            method,
            path,
            summary,
            public,
            scopes,
            error_codes,
            bare_lists,
            success_status,
            ..
        } = operation;
        let method = format_ident!("{method}");
        let provenance = match operation.provenance {
            Provenance::Documented => quote!(Documented),
            Provenance::Observed => quote!(Observed),
            _ => quote!(Assumed),
        };
        let dials = match operation.effects.dials {
            Dials::None => quote!(None),
            Dials::Indirect => quote!(Indirect),
            _ => quote!(Direct),
        };
        let spend = match operation.effects.spend {
            Spend::None => quote!(None),
            Spend::Fixed => quote!(Fixed),
            Spend::Metered => quote!(Metered),
            _ => quote!(Unknown),
        };
        let irreversible = operation.effects.irreversible;
        let pages = operation.pages.as_ref().map_or_else(
            || quote!(None),
            |pages| {
                let (items, offset) = (&pages.items, pages.offset);
                quote!(Some(Pages { items: #items, offset: #offset }))
            },
        );
        let answer = match &operation.answer {
            Answer::Json(schema) => quote!(Json(#schema)),
            Answer::Text(kind) => quote!(Text(#kind)),
            Answer::Redirect => quote!(Redirect),
            _ => quote!(Empty),
        };
        let request = option(operation.request.as_ref());
        let bare_list = option(operation.bare_list.as_ref());
        let bare_item = option(operation.bare_item.as_ref());
        quote! {
            Operation {
                id: #id,
                domain: #domain,
                name: #name,
                method: Method::#method,
                path: #path,
                summary: #summary,
                provenance: Provenance::#provenance,
                public: #public,
                scopes: &[#(#scopes),*],
                effects: Effects {
                    dials: Dials::#dials,
                    spend: Spend::#spend,
                    irreversible: #irreversible,
                },
                pages: #pages,
                error_codes: &[#(#error_codes),*],
                request: #request,
                answer: Answer::#answer,
                success_status: #success_status,
                bare_list: #bare_list,
                bare_lists: &[#(#bare_lists),*],
                bare_item: #bare_item,
            }
        }
    });
    let count = operations.len();
    quote! {
        /// Every operation of the API, in the order of the spec.
        pub static OPERATIONS: &[Operation] = &TABLE;

        // With a name of its own: a reference into an array without one, taken while compiling, puts a copy of
        // the whole into each unit that is compiled.
        pub(crate) static TABLE: [Operation; #count] = [#(#rows),*];
    }
}
