//! What a field can be to a call.

use syn::Type;

/// A role, and where its value goes.
pub(crate) struct Role {
    /// As it is written in the attribute.
    pub(crate) name: &'static str,
    /// `kallyai_sdk::call_task::TaskRole::*`
    pub(crate) variant: &'static str,
    /// The trait in `kallyai_sdk::call_task::draft` that the field's type must have.
    pub(crate) needs: &'static str,
    /// `kallyai_sdk::call_task::FieldKind::*`
    pub(crate) kind: &'static str,
    pub(crate) goes: Goes,
}

/// Where the value of a field goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Goes {
    /// The number that is called.
    Phone,
    /// A field of the submission.
    Submission(&'static str),
    /// The request's time zone, which has a default.
    Timezone,
    SessionId,
    /// The additional instructions.
    Instruction,
    Instructions,
}

const fn role(
    name: &'static str,
    variant: &'static str,
    needs: &'static str,
    kind: &'static str,
    goes: Goes,
) -> Role {
    Role {
        name,
        variant,
        needs,
        kind,
        goes,
    }
}

/// All of them, in the order in which they are listed in messages.
#[rustfmt::skip]
pub(crate) const ROLES: &[Role] = &[
    role("phone", "Phone", "Phone", "Phone", Goes::Phone),
    role("business_name", "BusinessName", "Text", "String", Goes::Submission("business_name")),
    role("user_name", "UserName", "Text", "String", Goes::Submission("user_name")),
    role("user_phone", "UserPhone", "Phone", "Phone", Goes::Submission("user_phone")),
    role("party_size", "PartySize", "PartySize", "Integer", Goes::Submission("party_size")),
    role("date", "Date", "Date", "Date", Goes::Submission("appointment_date")),
    role("time", "Time", "Time", "Time", Goes::Submission("appointment_time")),
    role("time_preference", "TimePreference", "Text", "String", Goes::Submission("time_preference_text")),
    role("timezone", "Timezone", "Plain", "String", Goes::Timezone),
    role("language", "Language", "Spoken", "String", Goes::Submission("language")),
    role("call_language", "CallLanguage", "Spoken", "String", Goes::Submission("call_language")),
    role("urgent", "Urgent", "Urgent", "Bool", Goes::Submission("is_urgent")),
    role("instruction", "Instruction", "Text", "String", Goes::Instruction),
    role("instructions", "Instructions", "Instructions", "Strings", Goes::Instructions),
    role("session_id", "SessionId", "Plain", "String", Goes::SessionId),
];

/// The categories: as they are sent, and `kallyai_sdk::types::TaskCategory::*`. A test holds them
/// against the API's document.
pub(crate) const CATEGORIES: &[(&str, &str)] = &[
    ("restaurant", "Restaurant"),
    ("clinic", "Clinic"),
    ("hotel", "Hotel"),
    ("general", "General"),
];

/// How long a task may be, in characters. A test holds them against the API's document.
pub(crate) const SHORTEST_TASK: usize = 10;
pub(crate) const LONGEST_TASK: usize = 1000;

impl Role {
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        ROLES.iter().find(|role| role.name == name)
    }

    /// Several fields may add an instruction each.
    pub(crate) fn may_repeat(&self) -> bool {
        self.goes == Goes::Instruction
    }

    /// Whether its value can be said in a sentence.
    pub(crate) fn is_list(&self) -> bool {
        self.goes == Goes::Instructions
    }
}

/// The `T` of an `Option<T>`, by its name: a macro sees no types.
pub(crate) fn inside_option(kind: &Type) -> Option<&Type> {
    let Type::Path(path) = kind else { return None };
    let last = path.path.segments.last()?;
    let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    match arguments.args.first() {
        Some(syn::GenericArgument::Type(inner))
            if last.ident == "Option" && arguments.args.len() == 1 =>
        {
            Some(inner)
        }
        _ => None,
    }
}

/// `FieldKind::*` of a field without a role, by the name of its type; a text is what remains.
pub(crate) fn kind_by_name(kind: &Type) -> &'static str {
    let Type::Path(path) = kind else {
        return "String";
    };
    let Some(last) = path.path.segments.last() else {
        return "String";
    };
    match last.ident.to_string().as_str() {
        "u8" | "u16" | "u32" | "u64" | "u128" | "usize" | "i8" | "i16" | "i32" | "i64" | "i128"
        | "isize" => "Integer",
        "f32" | "f64" => "Number",
        "bool" => "Bool",
        "NaiveDate" => "Date",
        "NaiveTime" | "TimeOfDay" => "Time",
        "E164" => "Phone",
        _ => "String",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use kallyai_openapi::Spec;
    use serde_json::Value;

    use super::*;

    fn schema(name: &str) -> Value {
        let spec = Spec::load().unwrap();
        spec.document()["components"]["schemas"][name].clone()
    }

    #[test]
    fn categories_are_those_of_the_document() {
        let written: BTreeSet<&str> = CATEGORIES.iter().map(|(wire, _)| *wire).collect();
        let schema = schema("TaskCategory");
        let documented = schema["enum"].as_array().unwrap();
        let documented: BTreeSet<&str> = documented.iter().map(|v| v.as_str().unwrap()).collect();
        assert_eq!(written, documented);
    }

    #[test]
    fn limits_are_those_of_the_document() {
        let task = &schema("Submission")["properties"]["task_description"];
        assert_eq!(task["minLength"], SHORTEST_TASK);
        assert_eq!(task["maxLength"], LONGEST_TASK);
    }

    #[test]
    fn every_field_of_a_submission_has_its_role() {
        let schema = schema("Submission");
        let documented: BTreeSet<&str> = schema["properties"]
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        let reached: BTreeSet<&str> = ROLES
            .iter()
            .filter_map(|role| match role.goes {
                Goes::Submission(field) => Some(field),
                Goes::Phone => Some("respondent_phone"),
                Goes::Instruction | Goes::Instructions => Some("additional_instructions"),
                Goes::Timezone | Goes::SessionId => None,
            })
            .chain(["task_category", "task_description"])
            .collect();
        assert_eq!(reached, documented);
    }
}
