//! What the fuzz targets decode with: one arm an operation. Written only where `cfg(fuzzing)` is set.

use kallyai_openapi::{Answer, Operation};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::tables::pascal;

/// A function that decodes the answer of an operation by its place in the index.
pub(crate) fn answers(operations: &[Operation]) -> TokenStream {
    let arms = operations
        .iter()
        .enumerate()
        .filter_map(|(index, operation)| {
            let Answer::Json(_) = operation.answer else {
                return None;
            };
            let domain = format_ident!("{}", operation.domain);
            let name = format_ident!("{}", pascal(&operation.name));
            Some(quote! {
                #index => json::<<operations::#domain::#name as Call>::Answer>(operation, body),
            })
        });
    quote! {
        fn by_index(index: usize, operation: &'static Operation, body: &[u8]) -> Option<Decoded> {
            match index {
                #(#arms)*
                _ => None,
            }
        }
    }
}
