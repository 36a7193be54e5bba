//! The index of operations: what the spec says of each, as a table.

use http::Method;

include!(concat!(env!("OUT_DIR"), "/tables.rs"));

/// The row of an operation, for use while compiling: an id that is not there does not compile.
#[allow(clippy::indexing_slicing)]
pub(crate) const fn row(id: &str) -> &'static Operation {
    let mut at = 0;
    while !same(TABLE[at].id, id) {
        at += 1;
    }
    &TABLE[at]
}

/// `==` on texts is not for use while compiling.
#[allow(clippy::indexing_slicing)]
const fn same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut at = 0;
    while at < one.len() && at < other.len() && one[at] == other[at] {
        at += 1;
    }
    at == one.len() && at == other.len()
}

/// One operation of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Operation {
    /// Names the operation everywhere: `calls_create`.
    pub id: &'static str,
    /// The handle that has it: `calls`.
    pub domain: &'static str,
    /// The method of the handle: `create`.
    pub name: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// The path template: `/v1/calls/{call_id}`.
    pub path: &'static str,
    /// A few words.
    pub summary: &'static str,
    /// How well the operation is known.
    pub provenance: Provenance,
    /// True when it needs no sign-in; then no token is sent.
    pub public: bool,
    /// The scopes that a source names for it.
    pub scopes: &'static [&'static str],
    /// What it sets going.
    pub effects: Effects,
    /// How its list is paged, if it is one.
    pub pages: Option<Pages>,
    /// The published error codes that it can answer with.
    pub error_codes: &'static [&'static str],
    /// The schema of its body, if it has one.
    pub request: Option<&'static str>,
    /// What it answers with.
    pub answer: Answer,
    /// The HTTP status of a documented success.
    pub success_status: u16,
    /// The field of the answer that a bare list stands for.
    pub(crate) bare_list: Option<&'static str>,
    /// The fields of the answer that hold such a list, that one among them.
    pub(crate) bare_lists: &'static [&'static str],
    /// The field of an entry of such a list that a bare string stands for.
    pub(crate) bare_item: Option<&'static str>,
}

impl Operation {
    /// A request to a path that no operation of the document has.
    pub(crate) const fn unknown(method: Method) -> Self {
        Self {
            id: "",
            domain: "",
            name: "",
            method,
            path: "",
            summary: "",
            provenance: Provenance::Assumed,
            public: false,
            scopes: &[],
            effects: Effects {
                dials: Dials::None,
                spend: Spend::Unknown,
                irreversible: false,
            },
            pages: None,
            error_codes: &[],
            request: None,
            answer: Answer::Empty,
            success_status: 200,
            bare_list: None,
            bare_lists: &[],
            bare_item: None,
        }
    }

    /// The id, if it is an operation of the document.
    pub(crate) fn known_id(&self) -> Option<&'static str> {
        (!self.id.is_empty()).then_some(self.id)
    }

    /// The path template, if it is an operation of the document.
    pub(crate) fn known_path(&self) -> Option<&'static str> {
        (!self.path.is_empty()).then_some(self.path)
    }
}

/// How well something is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Provenance {
    /// A reference of the vendor shows it.
    Documented,
    /// Only a published client of the vendor reads or sends it.
    Observed,
    /// No source shows it.
    Assumed,
}

/// What an operation sets going.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Effects {
    /// Whether it rings a phone.
    pub dials: Dials,
    /// Whether it costs.
    pub spend: Spend,
    /// Whether it cannot be taken back.
    pub irreversible: bool,
}

/// Whether an operation rings a phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Dials {
    /// Never.
    None,
    /// At once.
    Direct,
    /// It may lead to that.
    Indirect,
}

/// Whether an operation costs credits or money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Spend {
    /// Nothing.
    None,
    /// The same each time.
    Fixed,
    /// By what is used.
    Metered,
    /// No source says.
    Unknown,
}

/// How a list is paged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pages {
    /// The field of the answer that holds the list.
    pub items: &'static str,
    /// Whether there is an `offset` beside the `limit`.
    pub offset: bool,
}

/// What an operation answers with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Answer {
    /// JSON of the named schema.
    Json(&'static str),
    /// Text of the given content type.
    Text(&'static str),
    /// No body.
    Empty,
    /// A redirect, which is not followed.
    Redirect,
}
