//! Any request, by method and path.

use std::io::Read;

use http::Method;
use kallyai_sdk::{Client, Error, RawRequest};
use serde_json::{Map, Value, json};

use super::consent::{self, Planned};
use super::request::{hints, print, told};
use super::{Failure, Session, dry_run, interrupt, stdin};
use crate::output::{Exit, Hints};
use crate::surface::own::Api;

/// How many entries a page has, where the user has not said so.
const PAGE: usize = 100;

pub(crate) async fn run(session: &Session, mut api: Api) -> Result<Exit, Failure> {
    let client = session.client()?;
    let method: Method = api.method.parse().map_err(|_| {
        Failure::usage("there is no such method", "GET, POST, PUT, PATCH or DELETE")
    })?;
    if method == Method::GET {
        // A GET has no body: its fields are its query.
        let texts = std::mem::take(&mut api.fields);
        api.query.extend(texts);
        for (name, value) in std::mem::take(&mut api.json_fields) {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            api.query.push((name, text));
        }
    }
    if api.path.contains(['?', '#']) {
        return Err(Failure::usage(
            "<PATH>: it has a query or a fragment",
            "give the query by itself, like -q limit=5",
        ));
    }
    let body = body(&api)?;
    if api.paginate {
        if method != Method::GET {
            return Err(Failure::usage(
                "only a GET has pages",
                "leave --paginate out",
            ));
        }
        return all_pages(session, &client, &api).await;
    }
    let request = request(&client, method.clone(), &api, body.clone());
    if session.options.dry_run {
        let preview = request.preview().await.map_err(wrong)?;
        return dry_run::show(session, &preview);
    }
    // What is wrong with it is said before anybody is asked.
    request.preview().await.map_err(wrong)?;
    let operation = request.info();
    let reads = operation.is_none() && method == Method::GET;
    if !reads {
        let planned = Planned::raw(operation, &api, body.as_ref());
        consent::ask(session, &planned).await?;
    }
    let answer = interrupt::answered(&method, request).await?;
    match operation {
        Some(operation) => print(session, operation, &[], &answer)?,
        None => session
            .output
            .answer(&Hints::default(), answer.value.bytes())?,
    }
    Ok(Exit::Done)
}

fn wrong(error: Error) -> Failure {
    told(error, &["api"], |field| {
        (field == "path").then(|| "<PATH>".to_owned())
    })
}

fn request(client: &Client, method: Method, api: &Api, body: Option<Value>) -> RawRequest {
    let mut request = client.request(method, &api.path);
    for (name, value) in &api.query {
        request = request.query(name, value);
    }
    match body {
        Some(body) => request.json(body),
        None => request,
    }
}

fn body(api: &Api) -> Result<Option<Value>, Failure> {
    if let Some(path) = &api.input {
        let mut text = String::new();
        let read = if path.as_os_str() == "-" {
            std::io::stdin().read_to_string(&mut text)
        } else {
            std::fs::File::open(path).and_then(|mut file| file.read_to_string(&mut text))
        };
        read.map_err(|error| {
            let message = format!("the input cannot be read: {error}");
            Failure::usage(message, "name a file with JSON, or - for standard input")
        })?;
        let body = serde_json::from_str::<Map<String, Value>>(&text);
        return body
            .map(|body| Some(body.into()))
            .map_err(|error| stdin::no_json(error.line(), error.column()));
    }
    let mut fields = Map::new();
    for (name, text) in &api.fields {
        fields.insert(name.clone(), text.as_str().into());
    }
    fields.extend(api.json_fields.iter().cloned());
    Ok((!fields.is_empty()).then_some(Value::Object(fields)))
}

/// One document with the entries of all pages.
async fn all_pages(session: &Session, client: &Client, api: &Api) -> Result<Exit, Failure> {
    let first = request(client, Method::GET, api, None);
    let pages = first.info().and_then(|operation| operation.pages);
    let Some(pages) = pages.filter(|pages| pages.offset) else {
        return Err(Failure::usage(
            "no list with pages is known at this path",
            "leave --paginate out",
        ));
    };
    if session.options.dry_run {
        let preview = first.preview().await.map_err(wrong)?;
        return dry_run::show(session, &preview);
    }
    let hints = first
        .info()
        .map_or_else(Hints::default, |operation| hints(operation, &[]));
    let given = |name: &str| {
        let found = api.query.iter().find(|(given, _)| given == name);
        let number = found.map(|(_, value)| value.parse::<usize>());
        number
            .transpose()
            .map_err(|_| Failure::usage(format!("{name} is no whole number"), "write digits only"))
    };
    let size = given("limit")?.unwrap_or(PAGE);
    if size == 0 {
        return Err(Failure::usage("limit: too small", "1 is the least"));
    }
    let mut offset = given("offset")?.unwrap_or(0);
    let mut whole: Option<(String, Map<String, Value>)> = None;
    let mut entries: Vec<Value> = Vec::new();
    loop {
        let mut page = client.request(Method::GET, &api.path);
        for (name, value) in &api.query {
            if name != "limit" && name != "offset" {
                page = page.query(name, value);
            }
        }
        let page = page.query("limit", size).query("offset", offset);
        let answer = page.await.map_err(wrong)?;
        let (name, found, answer) = taken(answer.value.json()?, pages.items).ok_or_else(no_list)?;
        // A page that repeats the one before says that there are no pages.
        let repeated = !found.is_empty() && entries.ends_with(&found);
        let count = found.len();
        offset += count;
        let is_last = count == 0 || repeated || (count < size && !says_more(&answer, offset));
        whole.get_or_insert((name, answer));
        if !repeated {
            entries.extend(found);
        }
        if is_last {
            break;
        }
    }
    let (name, mut whole) = whole.unwrap_or_default();
    whole.insert(name, entries.into());
    let body = json!(whole).to_string();
    session.output.answer(&hints, body.as_bytes())?;
    Ok(Exit::Done)
}

/// The entries of a page with the name of their field, and what is beside them. The service may call them otherwise than
/// is documented, or send them bare.
fn taken(page: Value, documented: &str) -> Option<(String, Vec<Value>, Map<String, Value>)> {
    let mut beside = match page {
        Value::Array(entries) => return Some((documented.to_owned(), entries, Map::new())),
        Value::Object(fields) => fields,
        _ => return None,
    };
    let is_list = |name: &str| beside.get(name).is_some_and(Value::is_array);
    let name = if is_list(documented) {
        documented.to_owned()
    } else {
        let mut lists = beside.keys().filter(|name| is_list(name)).cloned();
        match (lists.next(), lists.next()) {
            (Some(name), None) => name,
            // There are none.
            (None, _) if beside.get(documented) == Some(&Value::Null) => documented.to_owned(),
            _ => return None,
        }
    };
    let entries = match beside.remove(&name) {
        Some(Value::Array(entries)) => entries,
        _ => Vec::new(),
    };
    Some((name, entries, beside))
}

fn no_list() -> Failure {
    Failure::other(
        "unreadable_answer",
        "the answer has no list that is known",
        "leave --paginate out",
    )
}

/// Whether a page that is short is so because the service gives no longer ones.
fn says_more(page: &Map<String, Value>, read: usize) -> bool {
    let total = page.get("total").and_then(Value::as_u64);
    page.get("has_more") == Some(&Value::Bool(true))
        || total.is_some_and(|total| total > read as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_found_under_other_names() {
        let names = |page: Value| {
            let (name, entries, beside) = taken(page, "goals")?;
            Some((name, entries.len(), beside.len()))
        };
        for (page, found) in [
            (
                json!({ "goals": [1, 2], "tags": [], "total": 2 }),
                ("goals", 2, 2),
            ),
            (json!({ "goals": null, "items": [1] }), ("items", 1, 1)),
            (json!({ "items": [1], "total": 1 }), ("items", 1, 1)),
            (json!({ "goals": null }), ("goals", 0, 0)),
            (json!([1, 2, 3]), ("goals", 3, 0)),
        ] {
            let found = (found.0.to_owned(), found.1, found.2);
            assert_eq!(names(page.clone()), Some(found), "{page}");
        }
        for page in [json!({ "a": [], "b": [] }), json!({}), json!("none")] {
            assert_eq!(names(page.clone()), None, "{page}");
        }
    }

    #[test]
    fn a_short_page_is_the_last_unless_it_says_otherwise() {
        for (page, more) in [
            (json!({}), false),
            (json!({ "has_more": false, "total": 50 }), false),
            (json!({ "has_more": true }), true),
            (json!({ "total": 51 }), true),
            (json!({ "total": null, "has_more": null }), false),
        ] {
            assert_eq!(says_more(page.as_object().unwrap(), 50), more, "{page}");
        }
    }
}
