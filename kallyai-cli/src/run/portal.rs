//! Pages of the service that are opened in the browser.

use kallyai_sdk::auth::{Opener, SystemBrowser};
use serde_json::Value;

use super::request::{checked, print};
use super::{Failure, Session, dry_run};
use crate::output::Exit;
use crate::surface::Wanted;

/// Asks for the address of a page, prints the answer, and opens the page where somebody sits at a terminal.
pub(crate) async fn run(session: &Session, wanted: &Wanted) -> Result<Exit, Failure> {
    let client = session.client()?;
    let request = checked(&client, wanted, wanted.arguments.clone())?;
    if session.options.dry_run {
        return dry_run::show(session, &request.preview().await?);
    }
    let operation = request.info();
    let answer = request.await?;
    print(session, operation, wanted.command.columns, &answer)?;
    if session.output.is_watched() {
        let address: Option<Value> = answer.value.json().ok();
        let address = address.as_ref().and_then(page);
        // Whoever cannot be shown the page has its address.
        if let Some(address) = address {
            let _ = SystemBrowser.open(address);
        }
    }
    Ok(Exit::Done)
}

/// The address in an answer: only https, and http on this machine.
fn page(answer: &Value) -> Option<&str> {
    let fields = answer.as_object()?;
    fields.values().filter_map(Value::as_str).find(|text| {
        text.starts_with("https://")
            || text.starts_with("http://127.0.0.1:")
            || text.starts_with("http://localhost:")
    })
}
