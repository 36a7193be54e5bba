//! What the code of `#[derive(CallTask)]` calls: no part of the interface, and free to change with it.
//!
//! A trait a role, so that the compiler can say at a field's type what belongs there.

use std::fmt::{self, Display, Write};

use chrono::NaiveDate;

use crate::error::{Error, ErrorCode, Problem};
use crate::phone::E164;
use crate::types::{CallRequest, Language, PersonalText, PhoneText, TaskCategory, TimeOfDay};

/// What is sent for a field, or why its value does not do, without repeating it.
pub type Sent<T> = Result<T, Refusal>;

/// Why a value does not do, and the code with which the service would refuse it.
pub type Refusal = (String, Option<ErrorCode>);

macro_rules! role {
    ($name:ident, $sent:ty, $message:literal, $label:literal) => {
        #[doc = $message]
        #[diagnostic::on_unimplemented(message = $message, label = $label)]
        pub trait $name {
            /// As it is sent.
            fn sent(&self) -> Sent<$sent>;
        }
    };
    ($name:ident, $sent:ty, $message:literal, $label:literal, all that convert) => {
        role!($name, $sent, $message, $label);

        #[diagnostic::do_not_recommend]
        impl<T: Clone + Into<$sent>> $name for T {
            fn sent(&self) -> Sent<$sent> {
                Ok(self.clone().into())
            }
        }
    };
}

role!(
    Phone,
    E164,
    "`{Self}` cannot be a phone number",
    "write E164, or String to parse it when the request is made"
);
role!(
    PartySize,
    u32,
    "`{Self}` cannot be a party size",
    "write u32 or another unsigned integer"
);
role!(Urgent, bool, "`{Self}` cannot be urgent", "write bool");
role!(
    Instructions,
    Vec<PersonalText>,
    "`{Self}` cannot be a list of instructions",
    "write Vec<String>, or use the role `instruction` for a single one"
);
role!(
    Date,
    NaiveDate,
    "`{Self}` cannot be a date",
    "write chrono::NaiveDate",
    all that convert
);
role!(
    Time,
    TimeOfDay,
    "`{Self}` cannot be a time of day",
    "write TimeOfDay or chrono::NaiveTime",
    all that convert
);
role!(
    Text,
    PersonalText,
    "`{Self}` cannot be a text",
    "write String or &'static str",
    all that convert
);
role!(
    Plain,
    String,
    "`{Self}` cannot be a name or an id",
    "write String or &'static str",
    all that convert
);
role!(
    Spoken,
    Language,
    "`{Self}` cannot be a language",
    "write kallyai_sdk::types::Language",
    all that convert
);

// Without this the compiler would list the types one by one; the texts above say it shorter.
#[diagnostic::do_not_recommend]
impl Phone for E164 {
    fn sent(&self) -> Sent<E164> {
        Ok(*self)
    }
}

macro_rules! parsed_phone {
    ($($kind:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl Phone for $kind {
            fn sent(&self) -> Sent<E164> {
                self.parse::<E164>()
                    .map_err(|why| (why.to_string(), why.code()))
            }
        }
    )*};
}

parsed_phone!(String, &str, PhoneText);

macro_rules! party_size {
    ($($kind:ty),*) => {$(
        #[diagnostic::do_not_recommend]
        impl PartySize for $kind {
            fn sent(&self) -> Sent<u32> {
                u32::try_from(*self).map_err(|_| ("more people than can be counted".to_owned(), None))
            }
        }
    )*};
}

party_size!(u8, u16, u32, u64, usize);

#[diagnostic::do_not_recommend]
impl Urgent for bool {
    fn sent(&self) -> Sent<bool> {
        Ok(*self)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Clone + Into<PersonalText>> Instructions for Vec<T> {
    fn sent(&self) -> Sent<Vec<PersonalText>> {
        Ok(self.iter().cloned().map(Into::into).collect())
    }
}

role!(
    Spelled,
    String,
    "`{Self}` cannot stand in a task",
    "it does not implement std::fmt::Display"
);

#[diagnostic::do_not_recommend]
impl<T: Display> Spelled for T {
    /// Not by `to_string`, which panics where a Display fails.
    fn sent(&self) -> Sent<String> {
        let mut text = String::new();
        match write!(text, "{self}") {
            Ok(()) => Ok(text),
            Err(fmt::Error) => Err(("its Display has failed".to_owned(), None)),
        }
    }
}

/// A request that is being filled in. Without `Debug`: it holds the task.
#[allow(missing_debug_implementations)]
#[derive(Default)]
pub struct Draft {
    task: String,
    instructions: Vec<PersonalText>,
    /// Fields of the struct, and why they do not do.
    problems: Vec<Problem>,
}

impl Draft {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// The value of a field; why it does not do is noted.
    pub fn take<T>(&mut self, field: &'static str, sent: Sent<T>) -> Option<T> {
        sent.map_err(|(why, code)| self.problems.push(Problem::new(field, why, code)))
            .ok()
    }

    /// Adds a text to the task.
    pub fn text(&mut self, text: &str) {
        self.task.push_str(text);
    }

    /// Adds the value of a field that has a role. Why it does not do has been noted where it was taken.
    pub fn say<T: Display>(&mut self, sent: Sent<T>) {
        if let Ok(value) = sent {
            self.task.push_str(&value.to_string());
        }
    }

    /// Adds a field that only stands in the task.
    pub fn spell(&mut self, field: &'static str, sent: Sent<String>) {
        let text = self.take(field, sent);
        self.task.push_str(&text.unwrap_or_default());
    }

    /// Adds an instruction.
    pub fn instruction(&mut self, text: Option<PersonalText>) {
        self.instructions.extend(text);
    }

    /// Adds instructions.
    pub fn instructions(&mut self, texts: Option<Vec<PersonalText>>) {
        self.instructions.extend(texts.unwrap_or_default());
    }

    /// The request, if every field does.
    ///
    /// # Errors
    ///
    /// All problems, each with its field.
    pub fn finish(self, category: TaskCategory, phone: Option<E164>) -> Result<CallRequest, Error> {
        if !self.problems.is_empty() {
            return Err(Error::invalid_request(self.problems));
        }
        let phone = phone.ok_or_else(|| Error::invalid_input("phone", "there is none"))?;
        let mut request = CallRequest::general(phone, self.task);
        request.submission.task_category = category;
        if !self.instructions.is_empty() {
            request.submission.additional_instructions = Some(self.instructions);
        }
        Ok(request)
    }
}
