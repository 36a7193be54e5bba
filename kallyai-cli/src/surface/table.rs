//! The table of commands that ask for an operation. The build writes it, from `commands.yaml` and the API's
//! document.

/// A command that asks for one operation of the API.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Command {
    /// `calls make`; of the first generation the flags that ask for it: `--usage`, `--stats`.
    pub(crate) words: &'static [&'static str],
    /// The id of the operation: `calls_create`.
    pub(crate) operation: &'static str,
    /// A few words.
    pub(crate) about: &'static str,
    /// One or more sentences.
    pub(crate) details: &'static str,
    /// The fields that people see of each entry of a list.
    pub(crate) columns: &'static [&'static str],
    /// Command lines to learn from.
    pub(crate) examples: &'static [&'static str],
    /// Who handles it.
    pub(crate) handler: Handler,
    /// What fills the arguments of the operation.
    pub(crate) arguments: &'static [Argument],
}

impl Command {
    /// How a user writes what fills an argument of the operation: `--phone` for `submission.respondent_phone`.
    pub(crate) fn written(&self, argument: &str) -> Option<String> {
        let mut arguments = self.arguments.iter();
        let found = arguments.find(|known| known.feeds.contains(&argument))?;
        match found.form {
            Form::Value => self.words.first().map(|flag| (*flag).to_owned()),
            Form::Fixed => None,
            _ => Some(found.written()),
        }
    }
}

/// What a command does besides one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Handler {
    /// Nothing.
    Request,
    /// It places a call, and waits for its end.
    Call,
    /// It reads a file of contacts.
    Import,
    /// It reads credentials.
    Credentials,
    /// It opens a page.
    Portal,
}

/// What a user writes, and what it fills.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Argument {
    /// The flag without its dashes, or the name of the position.
    pub(crate) name: &'static str,
    /// The short flag.
    pub(crate) short: Option<char>,
    /// The arguments of the operation that it fills; a dot leads into an object of the body.
    pub(crate) feeds: &'static [&'static str],
    /// How it is written.
    pub(crate) form: Form,
    /// What may be written.
    pub(crate) kind: Kind,
    /// Whether the operation takes a list.
    pub(crate) list: bool,
    /// Whether it must be there.
    pub(crate) required: bool,
    /// Whether the published command has it.
    pub(crate) vendor: bool,
    /// What counts when it is not written.
    pub(crate) default: Option<Fallback>,
    /// One or more sentences.
    pub(crate) help: &'static str,
}

impl Argument {
    /// As its user knows it.
    pub(crate) fn written(&self) -> String {
        match self.form {
            Form::Flag | Form::Value | Form::Fixed => format!("--{}", self.name),
            Form::Position | Form::List | Form::Words => format!("<{}>", self.name.to_uppercase()),
        }
    }
}

/// How an argument is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// As a flag.
    Flag,
    /// By its place.
    Position,
    /// By its place, one or more.
    List,
    /// As all words that are left, joined by spaces.
    Words,
    /// As the value of the flag that asks for the command.
    Value,
    /// Never: its default is always sent.
    Fixed,
}

/// What may be written for an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Any text.
    Text,
    /// Nothing; `=false` takes it back.
    Switch,
    /// true or false.
    Boolean,
    /// A whole number.
    Integer {
        /// The least.
        least: Option<i64>,
        /// The most.
        most: Option<i64>,
    },
    /// A number.
    Number,
    /// One of these.
    Choice(&'static [&'static str]),
    /// Any JSON.
    Json,
    /// YYYY-MM-DD.
    Date,
    /// HH:MM.
    Time,
    /// YYYY-MM-DDTHH:MM, seconds allowed.
    LocalDateTime,
    /// The IANA name of a time zone.
    TimeZone,
    /// A phone number in E.164.
    Phone,
}

/// What counts when an argument is not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fallback {
    /// As if this were written.
    Value(&'static str),
    /// The machine's language.
    Language,
    /// The machine's time zone.
    TimeZone,
}

include!(concat!(env!("OUT_DIR"), "/commands.rs"));
