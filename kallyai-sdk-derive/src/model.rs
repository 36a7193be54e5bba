//! What a struct says, with everything that is wrong with it.

use proc_macro2::{Ident, Span};
use quote::ToTokens;
use syn::{Attribute, Data, DeriveInput, Fields, LitStr, Type};

use crate::attributes::{self, Given};
use crate::roles::{
    CATEGORIES, LONGEST_TASK, ROLES, Role, SHORTEST_TASK, inside_option, kind_by_name,
};
use crate::template::{self, Piece};

/// A struct that can be expanded.
pub(crate) struct Task {
    pub(crate) ident: Ident,
    /// `TaskCategory::*`
    pub(crate) category: Ident,
    pub(crate) template: LitStr,
    pub(crate) pieces: Vec<Piece>,
    pub(crate) doc: String,
    /// Those that are not skipped.
    pub(crate) fields: Vec<Field>,
}

pub(crate) struct Field {
    pub(crate) ident: Ident,
    pub(crate) name: String,
    /// Without its `Option`.
    pub(crate) kind: Type,
    pub(crate) optional: bool,
    /// None when it only stands in the task.
    pub(crate) role: Option<&'static Role>,
    pub(crate) doc: String,
}

impl Field {
    pub(crate) fn json_kind(&self) -> &'static str {
        self.role
            .map_or_else(|| kind_by_name(&self.kind), |role| role.kind)
    }
}

/// Errors, reported together.
#[derive(Default)]
pub(crate) struct Errors(Option<syn::Error>);

impl Errors {
    pub(crate) fn add(&mut self, error: syn::Error) {
        match &mut self.0 {
            Some(all) => all.combine(error),
            None => self.0 = Some(error),
        }
    }

    fn at(&mut self, place: impl ToTokens, what: impl std::fmt::Display) {
        self.add(syn::Error::new_spanned(place, what));
    }
}

/// Reads a struct.
///
/// # Errors
///
/// All that is wrong with it.
pub(crate) fn read(input: &DeriveInput) -> Result<Task, syn::Error> {
    let mut errors = Errors::default();
    let named = named_fields(input)?;
    if !input.generics.params.is_empty() {
        errors.at(
            &input.generics,
            "CallTask is for structs without generics and lifetimes",
        );
    }

    let about = attributes::of_struct(&input.attrs, &mut errors);
    let category = match &about.category {
        Some(name) => category(name, &mut errors),
        None if about.failed => None,
        None => {
            errors.at(
                &input.ident,
                format!(
                    "no category: add #[call(category = \"general\")]; {}",
                    known_categories()
                ),
            );
            None
        }
    };

    let mut fields = Vec::new();
    for field in &named.named {
        let Some(ident) = &field.ident else { continue };
        let given = attributes::of_field(&field.attrs, &mut errors);
        let inner = inside_option(&field.ty);
        fields.push(Draft {
            field: Field {
                name: attributes::plain(ident),
                ident: ident.clone(),
                kind: inner.unwrap_or(&field.ty).clone(),
                optional: inner.is_some(),
                role: match given {
                    Given::Role(role, _) => Some(role),
                    _ => None,
                },
                doc: doc(&field.attrs),
            },
            given,
        });
    }
    check_roles(&input.ident, &fields, &mut errors);

    let pieces = match &about.task {
        Some(task) => pieces(task, &mut errors),
        None if about.failed => None,
        None => {
            errors.at(
                &input.ident,
                "no task: add #[call(task = \"What to do, with {fields}\")]",
            );
            None
        }
    };
    if let (Some(task), Some(pieces)) = (&about.task, &pieces) {
        check_placeholders(task, pieces, &fields, &mut errors);
    }

    if let Some(error) = errors.0 {
        return Err(error);
    }
    match (category, about.task, pieces) {
        (Some(category), Some(template), Some(pieces)) => Ok(Task {
            ident: input.ident.clone(),
            category,
            template,
            pieces,
            doc: doc(&input.attrs),
            fields: fields
                .into_iter()
                .filter(|field| !matches!(field.given, Given::Skip))
                .map(|field| field.field)
                .collect(),
        }),
        // Whatever is missing has been reported.
        _ => Err(syn::Error::new(Span::call_site(), "incomplete")),
    }
}

/// A field, and what its attributes say of it.
struct Draft {
    field: Field,
    given: Given,
}

fn named_fields(input: &DeriveInput) -> Result<&syn::FieldsNamed, syn::Error> {
    let what = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(named) => return Ok(named),
            Fields::Unnamed(_) => "a tuple struct",
            Fields::Unit => "a struct without fields",
        },
        Data::Enum(_) => "an enum",
        Data::Union(_) => "a union",
    };
    Err(syn::Error::new_spanned(
        &input.ident,
        format!("CallTask is for structs with named fields; this is {what}"),
    ))
}

fn known_categories() -> String {
    let names: Vec<&str> = CATEGORIES.iter().map(|(name, _)| *name).collect();
    format!("the categories are {}", names.join(", "))
}

fn category(name: &LitStr, errors: &mut Errors) -> Option<Ident> {
    let value = name.value();
    let known = CATEGORIES.iter().find(|(wire, _)| *wire == value);
    if known.is_none() {
        errors.at(name, format!("unknown category; {}", known_categories()));
    }
    known.map(|(_, variant)| Ident::new(variant, name.span()))
}

/// What concerns the roles of all fields together.
fn check_roles(ident: &Ident, fields: &[Draft], errors: &mut Errors) {
    let with = |name: &str| {
        fields.iter().find_map(|draft| match &draft.given {
            Given::Role(role, span) if role.name == name => Some((draft, *span)),
            _ => None,
        })
    };
    // What seems to be missing may be what could not be read.
    let complete = !fields
        .iter()
        .any(|draft| matches!(draft.given, Given::Failed));
    match with("phone") {
        None if complete => errors.at(
            ident,
            "no phone number: mark the field that holds it #[call(phone)]",
        ),
        Some((draft, span)) if draft.field.optional => {
            errors.add(syn::Error::new(span, "the phone number cannot be optional"));
        }
        _ => {}
    }
    if let (Some((_, span)), None, true) = (with("time"), with("date"), complete) {
        errors.add(syn::Error::new(
            span,
            "a time without a date: add a field with #[call(date)], or use #[call(time_preference)]",
        ));
    }
    for role in ROLES.iter().filter(|role| !role.may_repeat()) {
        let again = fields
            .iter()
            .filter_map(|draft| match &draft.given {
                Given::Role(given, span) if given.name == role.name => Some(*span),
                _ => None,
            })
            .skip(1);
        for span in again {
            errors.add(syn::Error::new(
                span,
                format!("another field is the {} already", role.name),
            ));
        }
    }
}

/// The template taken apart, if it is one.
fn pieces(task: &LitStr, errors: &mut Errors) -> Option<Vec<Piece>> {
    let pieces = template::pieces(&task.value())
        .map_err(|why| errors.at(task, why))
        .ok()?;
    let mut length = 0;
    let mut fixed = true;
    for piece in &pieces {
        match piece {
            Piece::Text(text) => length += text.chars().count(),
            Piece::Placeholder(_) => fixed = false,
        }
    }
    if fixed && length < SHORTEST_TASK {
        errors.at(
            task,
            format!("a task has at least {SHORTEST_TASK} characters, this one {length}"),
        );
    } else if length > LONGEST_TASK {
        errors.at(
            task,
            format!("a task has at most {LONGEST_TASK} characters, this one {length}"),
        );
    }
    Some(pieces)
}

/// Every placeholder names a field that can stand there, and every field is for something.
fn check_placeholders(task: &LitStr, pieces: &[Piece], fields: &[Draft], errors: &mut Errors) {
    let placeholders: Vec<&str> = pieces
        .iter()
        .filter_map(|piece| match piece {
            Piece::Placeholder(name) => Some(name.as_str()),
            Piece::Text(_) => None,
        })
        .collect();
    for (index, name) in placeholders.iter().enumerate() {
        let is_first = placeholders.iter().position(|other| other == name) == Some(index);
        if is_first && let Some(why) = refused(name, fields) {
            errors.at(task, why);
        }
    }
    for draft in fields {
        let named = placeholders.contains(&draft.field.name.as_str());
        let Field { ident, name, .. } = &draft.field;
        match &draft.given {
            Given::Nothing if Role::named(name).is_some() => errors.at(
                ident,
                format!(
                    "write #[call({name})] if this is the {name}, #[call(task)] if it only stands in \
                     the task, or #[call(skip)]"
                ),
            ),
            Given::Nothing if !named => errors.at(
                ident,
                "this field is used nowhere: give it a role, name it in the task, or write \
                 #[call(skip)]",
            ),
            Given::Task if !named => errors.at(ident, "the task does not name this field"),
            _ => {}
        }
    }
}

/// Why this cannot be a placeholder.
fn refused(name: &str, fields: &[Draft]) -> Option<String> {
    if name.is_empty() {
        return Some("an empty placeholder: write the name of a field in the braces".to_owned());
    }
    if let Some((before, _)) = name.split_once(':') {
        return Some(format!(
            "`{{{name}}}`: a placeholder takes no format, write `{{{before}}}`"
        ));
    }
    let Some(draft) = fields.iter().find(|draft| draft.field.name == name) else {
        return Some(format!("the placeholder `{{{name}}}` names no field"));
    };
    if matches!(draft.given, Given::Skip) {
        return Some(format!(
            "`{{{name}}}` is skipped, and cannot stand in the task"
        ));
    }
    if draft.field.optional {
        return Some(format!(
            "`{{{name}}}` is optional: nothing could stand in its place; an optional remark can be an \
             #[call(instruction)]"
        ));
    }
    if draft.field.role.is_some_and(Role::is_list) {
        return Some(format!(
            "`{{{name}}}` is a list, and cannot stand in the task"
        ));
    }
    None
}

/// The documentation, without the space that stands before each line.
fn doc(attributes: &[Attribute]) -> String {
    let lines: Vec<String> = attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("doc"))
        .filter_map(|attribute| {
            let syn::Expr::Lit(syn::ExprLit {
                lit: syn::Lit::Str(text),
                ..
            }) = &attribute.meta.require_name_value().ok()?.value
            else {
                return None;
            };
            let text = text.value();
            Some(text.strip_prefix(' ').unwrap_or(&text).to_owned())
        })
        .collect();
    lines.join("\n").trim().to_owned()
}
