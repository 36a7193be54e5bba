//! A request that is ready to be sent, whatever its operation.

use std::pin::Pin;
use std::time::Duration;

use serde_json::Value;

use super::arguments::Arguments;
use super::error::ToolError;
use crate::client::Client;
use crate::error::Error;
use crate::request::{Call, Request};

include!(concat!(env!("OUT_DIR"), "/requests.rs"));

/// Makes a request of arguments that fit.
pub(super) type Build = fn(&Client, &Arguments, Option<String>) -> Result<Prepared, ToolError>;

type Sending = Pin<Box<dyn Future<Output = Result<Value, Error>> + Send>>;

pub(super) struct Prepared {
    check: Box<dyn Fn() -> Result<(), Error> + Send + Sync>,
    send: Box<dyn FnOnce(Duration) -> Sending + Send>,
}

impl Prepared {
    fn new<O: Call + Clone + 'static>(
        request: Request<O>,
        encode: fn(O::Answer) -> Result<Value, Error>,
    ) -> Self {
        let checked = request.clone();
        Self {
            check: Box::new(move || checked.check()),
            send: Box::new(move |timeout| {
                Box::pin(async move { encode(request.timeout(timeout).await?) })
            }),
        }
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        (self.check)()
    }

    pub(super) async fn send(self, timeout: Duration) -> Result<Value, Error> {
        (self.send)(timeout).await
    }
}

/// How answers become JSON.
mod encode {
    use serde::Serialize;
    use serde_json::{Value, json};

    use crate::error::Error;
    use crate::types::Redirect;

    pub(super) fn value<T: Serialize>(answer: T) -> Result<Value, Error> {
        serde_json::to_value(answer).map_err(|_| Error::decode("it cannot be written as JSON", &[]))
    }

    // One signature for all of them.
    #[allow(clippy::unnecessary_wraps, clippy::needless_pass_by_value)]
    pub(super) fn text(answer: String) -> Result<Value, Error> {
        Ok(json!({ "text": answer }))
    }

    #[allow(clippy::unnecessary_wraps)]
    pub(super) fn nothing((): ()) -> Result<Value, Error> {
        Ok(json!({}))
    }

    // Where it leads may grant access: it is for the user, who asked for it.
    #[allow(clippy::unnecessary_wraps, clippy::needless_pass_by_value)]
    pub(super) fn redirect(answer: Redirect) -> Result<Value, Error> {
        Ok(json!({ "location": answer.location().expose() }))
    }
}

/// The request of an operation.
pub(super) fn prepare(
    id: &str,
    client: &Client,
    arguments: &Arguments,
    key: Option<String>,
) -> Result<Prepared, ToolError> {
    let build = REQUESTS
        .iter()
        .find_map(|(known, build)| (*known == id).then_some(build));
    let build = build.ok_or_else(|| ToolError::bug("the tool has no request"))?;
    build(client, arguments, key)
}
