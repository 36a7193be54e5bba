//! Call requests from structs of one's own.
//!
//! With the feature `derive`, `#[derive(CallTask)]` writes the trait; its documentation (crate
//! `kallyai-sdk-derive`) says how. Without it, implement the trait by hand, or a function that makes a
//! [`CallRequest`].

#[cfg(feature = "derive")]
#[doc(hidden)]
pub mod draft;

use crate::error::Error;
use crate::types::{CallRequest, TaskCategory};

/// A struct that says what a phone call is about.
///
/// ```
/// # #[cfg(feature = "derive")]
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use kallyai_sdk::CallTask;
/// use kallyai_sdk::phone::E164;
///
/// #[derive(CallTask)]
/// #[call(category = "restaurant", task = "Reserve a table for {party_size}")]
/// struct Table {
///     #[call(phone)]
///     restaurant: E164,
///     #[call(party_size)]
///     party_size: u32,
/// }
///
/// let table = Table { restaurant: "+12025550199".parse()?, party_size: 4 };
/// let request = table.to_call_request()?;
/// assert_eq!(request.submission.task_description, "Reserve a table for 4");
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "derive"))]
/// # fn main() {}
/// ```
pub trait CallTask {
    /// What kind of call it is.
    const CATEGORY: TaskCategory;

    /// The template of the task, as it was written: placeholders are `{field}`.
    const TEMPLATE: &'static str;

    /// The documentation of the struct.
    const DOC: &'static str;

    /// What there is to fill in.
    fn fields() -> &'static [TaskField];

    /// The request. It is checked as every request when it is sent: limits of lengths, dates that are
    /// past, zones that do not exist are found then.
    ///
    /// # Errors
    ///
    /// A value is not what its role needs: a text that is no phone number, a party that is too large to
    /// be counted. The error names the struct's field and does not repeat the value.
    fn to_call_request(&self) -> Result<CallRequest, Error>;
}

/// A field of a [`CallTask`], for those who make forms or tools of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct TaskField {
    /// Its name in Rust; a `#[serde(rename)]` is not looked at.
    pub name: &'static str,
    /// What it means to the call.
    pub role: TaskRole,
    /// Its documentation, its lines as they are written, or nothing.
    pub doc: &'static str,
    /// Whether it must be there, which is when it is no `Option`.
    pub required: bool,
    /// What stands for it in JSON.
    pub kind: FieldKind,
}

impl TaskField {
    /// A field without documentation that must be there; the rest is set afterwards.
    pub const fn new(name: &'static str, role: TaskRole, kind: FieldKind) -> Self {
        Self {
            name,
            role,
            doc: "",
            required: true,
            kind,
        }
    }

    /// With documentation.
    #[must_use]
    pub const fn doc(mut self, doc: &'static str) -> Self {
        self.doc = doc;
        self
    }

    /// It may be left out.
    #[must_use]
    pub const fn optional(mut self) -> Self {
        self.required = false;
        self
    }
}

/// What a field means to the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TaskRole {
    /// The number that is called.
    Phone,
    /// The name of the place that is called.
    BusinessName,
    /// On whose behalf the call is.
    UserName,
    /// The number of whom it is for.
    UserPhone,
    /// For how many people.
    PartySize,
    /// The date of the appointment.
    Date,
    /// The time of the appointment.
    Time,
    /// The time in words, "after 5pm".
    TimePreference,
    /// The IANA time zone of the appointment.
    Timezone,
    /// The language of the results.
    Language,
    /// The language of the conversation.
    CallLanguage,
    /// Whether it is urgent.
    Urgent,
    /// One more instruction.
    Instruction,
    /// A list of more instructions.
    Instructions,
    /// The conversation with the assistant that the call belongs to.
    SessionId,
    /// It only stands in the task.
    Task,
}

/// What stands for a field in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FieldKind {
    /// A text.
    String,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// True or false.
    Bool,
    /// A text, YYYY-MM-DD.
    Date,
    /// A text, HH:MM in 24 hours.
    Time,
    /// A text, a phone number in E.164.
    Phone,
    /// A list of texts.
    Strings,
}
