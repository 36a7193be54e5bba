//! Any request, by method and path.

use std::io::Read;

use http::Method;
use kallyai_sdk::{Client, Error, RawRequest};
use serde_json::{Map, Value, json};

use super::consent::{self, Planned};
use super::request::{hints, print, told};
use super::{Failure, Session, dry_run, stdin};
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
    let request = request(&client, method.clone(), &api, body);
    if session.options.dry_run {
        let preview = request.preview().await.map_err(wrong)?;
        return dry_run::show(session, &preview);
    }
    let operation = request.info();
    let reads = operation.is_none() && method == Method::GET;
    if !reads {
        // What is wrong with it is said before anybody is asked.
        request.preview().await.map_err(wrong)?;
        consent::ask(session, &Planned::raw(operation)).await?;
    }
    let answer = request.await.map_err(wrong)?;
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
    let mut whole: Option<Map<String, Value>> = None;
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
        let mut answer: Map<String, Value> = answer.value.json()?;
        let found = match answer.remove(pages.items) {
            Some(Value::Array(found)) => found,
            _ => Vec::new(),
        };
        // A page that repeats the one before says that there are no pages.
        let repeated = !found.is_empty() && entries.ends_with(&found);
        let count = found.len();
        whole.get_or_insert(answer);
        if count == 0 || repeated {
            break;
        }
        entries.extend(found);
        offset += count;
        if count < size {
            break;
        }
    }
    let mut whole = whole.unwrap_or_default();
    whole.insert(pages.items.to_owned(), entries.into());
    let body = json!(whole).to_string();
    session.output.answer(&hints, body.as_bytes())?;
    Ok(Exit::Done)
}
