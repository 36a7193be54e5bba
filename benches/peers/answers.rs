//! What the service answers, made of the examples of its document.

use bytes::Bytes;
use kallyai_openapi::Spec;
use serde_json::Value;

use crate::Failure;

/// What stands behind the number of a call in its id.
const REST_OF_ID: &str = "-6a47-4c0c-9a53-0b2f5d8a9e01";

/// How many entries the pages have that are made ahead.
const PAGE: usize = 200;

/// The answers of an account with so many calls.
#[derive(Debug)]
pub(crate) struct Answers {
    pub(crate) tokens: Bytes,
    /// A call, before and behind its id.
    call: (String, String),
    whole: Bytes,
    pages: Vec<Bytes>,
}

impl Answers {
    /// # Errors
    ///
    /// When the document has no such examples.
    pub(crate) fn new(document: &Value, calls: usize) -> Result<Self, Failure> {
        let call = example(document, "Call")?.to_string();
        let id = example(document, "Call")?
            .get("call_id")
            .and_then(Value::as_str)
            .ok_or("the example of a call has no id")?;
        let (before, behind) = call.split_once(id).ok_or("the id is written otherwise")?;
        let mut answers = Self {
            tokens: Bytes::from(example(document, "TokenResponse")?.to_string()),
            call: (before.to_owned(), behind.to_owned()),
            whole: Bytes::new(),
            pages: Vec::new(),
        };
        answers.whole = answers.list(0..calls, calls);
        answers.pages = (0..calls)
            .step_by(PAGE)
            .map(|first| answers.list(first..calls.min(first + PAGE), calls))
            .collect();
        Ok(answers)
    }

    /// The call that is asked for.
    pub(crate) fn call(&self, id: &str) -> Bytes {
        let (before, behind) = &self.call;
        Bytes::from([before, id, behind].concat())
    }

    /// The call that is placed.
    pub(crate) fn placed(&self) -> Bytes {
        self.call(&id(0))
    }

    /// The list of calls: all of it, or a page.
    pub(crate) fn calls(&self, limit: Option<usize>, offset: usize) -> Option<Bytes> {
        match limit {
            None => Some(self.whole.clone()),
            Some(PAGE) if offset.is_multiple_of(PAGE) => self.pages.get(offset / PAGE).cloned(),
            Some(_) => None,
        }
    }

    fn list(&self, numbers: std::ops::Range<usize>, total: usize) -> Bytes {
        let (before, behind) = &self.call;
        let calls: Vec<String> = numbers
            .map(|number| [before, id(number).as_str(), behind].concat())
            .collect();
        let calls = calls.join(",");
        Bytes::from(format!(r#"{{"calls":[{calls}],"total":{total}}}"#))
    }
}

fn id(number: usize) -> String {
    format!("{number:08x}{REST_OF_ID}")
}

fn example<'a>(document: &'a Value, schema: &str) -> Result<&'a Value, Failure> {
    document
        .pointer(&format!("/components/schemas/{schema}/example"))
        .ok_or_else(|| format!("{schema} has no example in the document").into())
}

/// The API's document.
///
/// # Errors
///
/// When there are mistakes in it.
pub(crate) fn document() -> Result<Value, Failure> {
    let spec =
        Spec::load().map_err(|problems| format!("{} mistakes in the spec", problems.len()))?;
    Ok(spec.document().clone())
}
