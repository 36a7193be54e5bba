//! `#[call(..)]` as it is written.

use proc_macro2::{Ident, Span};
use syn::ext::IdentExt;
use syn::meta::ParseNestedMeta;
use syn::spanned::Spanned;
use syn::{Attribute, LitStr, Token};

use crate::model::Errors;
use crate::roles::{ROLES, Role};

/// What stands on the struct.
#[derive(Default)]
pub(crate) struct About {
    pub(crate) category: Option<LitStr>,
    pub(crate) task: Option<LitStr>,
    /// Something could not be read: what seems to be missing may stand there.
    pub(crate) failed: bool,
}

/// What stands on a field.
pub(crate) enum Given {
    Nothing,
    Role(&'static Role, Span),
    /// It only stands in the task.
    Task,
    Skip,
    /// It could not be read.
    Failed,
}

/// An identifier without `r#`.
pub(crate) fn plain(ident: &Ident) -> String {
    ident.unraw().to_string()
}

fn ours(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("call"))
}

fn name(meta: &ParseNestedMeta) -> String {
    meta.path.get_ident().map(plain).unwrap_or_default()
}

pub(crate) fn of_struct(attributes: &[Attribute], errors: &mut Errors) -> About {
    let mut about = About::default();
    for attribute in ours(attributes) {
        let read = attribute.parse_nested_meta(|meta| {
            let slot = match name(&meta).as_str() {
                "category" => &mut about.category,
                "task" => &mut about.task,
                _ => return Err(meta.error("a struct takes `category` and `task`")),
            };
            let value: LitStr = meta.value()?.parse()?;
            if slot.is_some() {
                return Err(meta.error("given twice"));
            }
            *slot = Some(value);
            Ok(())
        });
        if let Err(error) = read {
            about.failed = true;
            errors.add(error);
        }
    }
    about
}

pub(crate) fn of_field(attributes: &[Attribute], errors: &mut Errors) -> Given {
    let mut given = Given::Nothing;
    let mut failed = false;
    for attribute in ours(attributes) {
        let mut any = false;
        let read = attribute.parse_nested_meta(|meta| {
            any = true;
            let one = match name(&meta).as_str() {
                "task" => Given::Task,
                "skip" => Given::Skip,
                name => match Role::named(name) {
                    Some(role) => Given::Role(role, meta.path.span()),
                    None => return Err(meta.error(unknown_role())),
                },
            };
            if meta.input.peek(Token![=]) {
                return Err(meta.error("a role takes no value"));
            }
            if !matches!(given, Given::Nothing) {
                return Err(meta.error("a field has one role"));
            }
            given = one;
            Ok(())
        });
        match read {
            Err(error) => {
                failed = true;
                errors.add(error);
            }
            Ok(()) if !any => {
                failed = true;
                errors.add(syn::Error::new_spanned(attribute, "no role is named"));
            }
            Ok(()) => {}
        }
    }
    if failed { Given::Failed } else { given }
}

fn unknown_role() -> String {
    let names: Vec<&str> = ROLES.iter().map(|role| role.name).collect();
    format!("unknown role; there are {}, task, skip", names.join(", "))
}
