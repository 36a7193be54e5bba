#![doc = include_str!("../README.md")]

mod attributes;
mod expand;
mod model;
mod roles;
mod template;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Makes a phone call of a struct: see [its page](crate).
#[proc_macro_derive(CallTask, attributes(call))]
pub fn call_task(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    match model::read(&input) {
        Ok(task) => expand::expand(&task).into(),
        Err(errors) => errors.into_compile_error().into(),
    }
}
