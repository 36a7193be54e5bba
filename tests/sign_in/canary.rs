//! Row 9: tokens in no output, whatever goes wrong. A program of its own logs everything at TRACE, and
//! prints every error, every type and a panic; nothing that it says, and no file but the token files, may
//! hold a secret in any form.

use std::fmt::{Debug, Write as _};
use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::Utc;
use kallyai_sdk::auth::{
    CliLogin, CodeFlow, CodeFlowSecret, Credentials, FileStore, MemoryStore, TokenSet, TokenStore,
};
use kallyai_sdk::{Client, Error};
use kallyai_tests::RawServer;
use url::form_urlencoded::byte_serialize;

use crate::program::program;

/// With characters that the encodings write in other ways.
const CANARIES: [&str; 7] = [
    "canary+access/hunter=1",
    "canary+refresh/hunter=2",
    "canary+static/hunter=3",
    "canary+code/hunter=4",
    "canary+secret/hunter=5",
    "canary+file/hunter=6",
    "canary+query/hunter=7",
];

/// The forms in which a text could leak.
fn forms(canary: &str) -> Vec<String> {
    let decimal: Vec<String> = canary.bytes().map(|byte| byte.to_string()).collect();
    let hexadecimal = canary.bytes().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    });
    let mut forms = vec![
        canary.to_owned(),
        byte_serialize(canary.as_bytes()).collect(),
        decimal.join(", "),
        decimal.join(","),
        hexadecimal,
    ];
    // In base64 a text looks different at each of three places; the ends depend on its neighbours.
    for shift in 0..3 {
        let shifted = format!("{}{canary}", &"Bearer "[..shift]);
        let encoded = STANDARD.encode(&shifted);
        forms.push(encoded[4..encoded.len() - 4].to_owned());
        let encoded = URL_SAFE_NO_PAD.encode(&shifted);
        forms.push(encoded[4..encoded.len() - 4].to_owned());
    }
    forms
}

fn leaks(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    CANARIES
        .iter()
        .flat_map(|canary| forms(canary))
        .filter(|form| text.contains(form.as_str()) || lower.contains(&form.to_lowercase()))
        .collect()
}

#[test]
fn the_search_finds_every_form() {
    for canary in CANARIES {
        let encoded = byte_serialize(canary.as_bytes()).collect::<String>();
        for text in [
            format!("x{canary}x"),
            format!("?a={encoded}&b"),
            encoded.to_lowercase(),
            format!("{:?}", canary.as_bytes()),
            STANDARD.encode(format!("id:{canary}")),
            STANDARD.encode(format!("i:{canary}:")),
            URL_SAFE_NO_PAD.encode(format!("{canary} ")),
        ] {
            assert!(!leaks(&text).is_empty(), "{text}");
        }
    }
    assert!(leaks("canary, hunter2").is_empty());
}

#[test]
fn row_09_no_token_in_any_output() {
    let home = tempfile::tempdir().unwrap();
    let output = program("canary")
        .env("HOME", home.path())
        .env("TMPDIR", home.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let logged = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{logged}");
    // It really went through all of it, at TRACE, and looked at other crates too.
    for expected in ["panicked", "TRACE", "hyper_util"] {
        assert!(logged.contains(expected), "{expected}: {said}{logged}");
    }
    let errors = said.split_once("program: errors ").unwrap().1;
    let errors: usize = errors.lines().next().unwrap().parse().unwrap();
    assert!(errors > 130, "{errors} errors");
    for (name, text) in [("stdout", &said), ("stderr", &logged)] {
        let leaks = leaks(text);
        assert!(leaks.is_empty(), "{name} holds {leaks:?}:\n{text}");
    }
    let mut files = Vec::new();
    files_with_secrets(home.path(), &mut files);
    files.sort();
    assert_eq!(files, ["damaged.json", "tokens.json", "wide.json"]);
}

fn files_with_secrets(directory: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_with_secrets(&path, found);
        } else if !leaks(&String::from_utf8_lossy(&std::fs::read(&path).unwrap())).is_empty() {
            found.push(path.file_name().unwrap().to_string_lossy().into_owned());
        }
    }
}

/// What the program does.
pub(crate) fn every_error_path() -> usize {
    tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(std::io::stderr)
        .init();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut printed = Printed(0);
    runtime.block_on(async {
        of_requests(&mut printed).await;
        of_refreshes(&mut printed).await;
        of_files(&mut printed).await;
        of_the_code_flow(&mut printed).await;
        of_the_flow_for_commands(&mut printed).await;
    });
    printed.0
}

/// Prints in every way that there is, on stderr.
struct Printed(usize);

impl Printed {
    fn error(&mut self, error: &(dyn std::error::Error + 'static)) {
        self.0 += 1;
        let mut next = Some(error);
        while let Some(error) = next {
            eprintln!("{error}\n{error:?}\n{error:#?}");
            next = error.source();
        }
    }

    fn outcome<T: Debug, E: std::error::Error + 'static>(&mut self, outcome: Result<T, E>) {
        match outcome {
            Ok(value) => self.value(&value),
            Err(error) => self.error(&error),
        }
    }

    fn value(&mut self, value: &(impl Debug + ?Sized)) {
        eprintln!("{value:?}\n{value:#?}");
    }
}

fn tokens() -> TokenSet {
    TokenSet::new(CANARIES[0])
        .refresh_token(CANARIES[1])
        .expires_at(Utc::now() - Duration::from_secs(1))
}

/// Answers that repeat what was sent.
async fn echoes(status: &'static str) -> RawServer {
    RawServer::answering(move |request| {
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        let said = serde_json::json!({"error": {"code": head, "message": body,
            "details": {"reason": body}, "correlation_id": body}, "access_token": CANARIES[0]});
        let headers = format!(
            "content-type: application/json\r\nlocation: http://127.0.0.1/?t={0}\r\n\
             x-request-id: {0}\r\nwww-authenticate: {0}\r\nset-cookie: {0}\r\n",
            CANARIES[0]
        );
        RawServer::bytes(status, &headers, &said.to_string())
    })
    .await
}

async fn servers() -> Vec<RawServer> {
    let odd = [
        "",
        "HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{\"access_token\": \"canary+access/hunter=1\"",
        "HTTP/1.1 200 OK\r\n\r\n<html>canary+access/hunter=1</html>",
        "HTTP/1.1 200 OK\r\n\r\n{\"access_token\": {\"canary+access/hunter=1\": [7]}}",
        "HTTP/1.1 200 OK\r\n\r\n{\"access_token\": \"canary+access/hunter=1 \\u0007\"}",
        "HTTP/1.1 999 canary+access/hunter=1\r\n\r\n",
        "canary+access/hunter=1\r\n\r\n",
    ];
    let mut servers = Vec::new();
    for status in [
        "400 No",
        "401 No",
        "403 No",
        "404 No",
        "302 Found",
        "307 Temporary Redirect",
    ] {
        servers.push(echoes(status).await);
    }
    for answer in odd {
        servers.push(RawServer::start(answer).await);
    }
    servers
}

async fn of_requests(printed: &mut Printed) {
    for server in servers().await {
        let kally = Client::builder()
            .base_url(server.base_url())
            .access_token(CANARIES[2])
            .build()
            .unwrap();
        printed.value(&kally);
        printed.outcome(kally.credits().balance().with_response().await);
    }
    let unreachable = Client::builder()
        .base_url("http://127.0.0.1:1")
        .access_token(CANARIES[2]);
    printed.value(&unreachable);
    printed.outcome(unreachable.build().unwrap().credits().balance().await);
    let split = format!("{} {}", CANARIES[2], CANARIES[2]);
    printed.outcome(Client::new(split).map(drop));
    printed.outcome(Credentials::from_access_token(format!("{}\n", CANARIES[2])).map(drop));
    let url = format!("https://{}@api.kallyai.com", CANARIES[6]);
    let builder = Client::builder().base_url(&url);
    printed.value(&builder);
    printed.outcome(builder.build().map(drop));
}

async fn of_refreshes(printed: &mut Printed) {
    for server in servers().await {
        let credentials = Credentials::from_store(MemoryStore::with(tokens()));
        printed.value(&credentials);
        let kally = Client::builder()
            .base_url(server.base_url())
            .credentials(credentials)
            .build()
            .unwrap();
        printed.outcome(kally.credits().balance().await);
        printed.value(&kally);
        // The same by hand.
        let body = kallyai_sdk::types::RefreshRequest::new(CANARIES[1]);
        printed.outcome(kally.auth().refresh_token(body).with_response().await);
    }
}

async fn of_files(printed: &mut Printed) {
    let home = std::env::home_dir().unwrap();
    let store = FileStore::at(home.join("tokens.json"));
    store.save(&tokens()).unwrap();
    printed.value(&store);
    printed.value(&store.load().unwrap());
    let damaged = home.join("damaged.json");
    FileStore::at(&damaged).save(&tokens()).unwrap();
    let text = format!("{{\"access_token\": \"{}\", \"refresh_token\"", CANARIES[5]);
    std::fs::write(&damaged, text).unwrap();
    printed.outcome(FileStore::at(&damaged).load());
    let text = format!(
        "{{\"access_token\": [\"{}\"], \"expires_at\": \"{0}\"}}",
        CANARIES[5]
    );
    std::fs::write(&damaged, text).unwrap();
    printed.outcome(FileStore::at(&damaged).load());
    let wide = home.join("wide.json");
    std::fs::write(&wide, format!("{{\"access_token\": \"{}\"}}", CANARIES[5])).unwrap();
    printed.outcome(FileStore::at(&wide).load());
    // A client of the same.
    for path in ["tokens.json", "damaged.json", "wide.json"] {
        let kally = Client::builder()
            .base_url("http://127.0.0.1:1")
            .credentials(Credentials::from_store(FileStore::at(home.join(path))))
            .build()
            .unwrap();
        printed.outcome(kally.credits().balance().await);
    }
    std::thread::spawn(|| panic!("{:?}", tokens()))
        .join()
        .unwrap_err();
}

async fn of_the_code_flow(printed: &mut Printed) {
    for server in servers().await {
        let builder = CodeFlow::builder("client", "http://127.0.0.1:8740")
            .client_secret(CANARIES[4])
            .base_url(server.base_url());
        printed.value(&builder);
        let flow = builder.build().unwrap();
        printed.value(&flow);
        let begun = flow.begin();
        printed.value(&begun);
        let secret: &CodeFlowSecret = begun.secret();
        printed.value(secret);
        let state = begun
            .url()
            .split(['?', '&'])
            .find_map(|part| part.strip_prefix("state="))
            .unwrap()
            .to_owned();
        let code: String = byte_serialize(CANARIES[3].as_bytes()).collect();
        for callback in [
            format!("state={state}&code={code}"),
            format!("state={code}&code={code}"),
            format!("state={state}&code={code}&code={code}"),
            format!("state={state}&error={code}&error_description={code}"),
            format!("https://{code}/?{code}"),
        ] {
            let error: Error = flow.finish(secret, &callback).await.unwrap_err();
            printed.error(&error);
        }
        printed.outcome(flow.refresh(&tokens()).await);
    }
    let refused = CodeFlow::builder("client", format!("https://{}@x.example/", CANARIES[6]));
    printed.value(&refused);
    printed.outcome(refused.build().map(drop));
    let text = format!("\"{}\"", CANARIES[4]);
    printed.outcome(serde_json::from_str::<CodeFlowSecret>(&text));
}

async fn of_the_flow_for_commands(printed: &mut Printed) {
    let login = CliLogin::new().deadline(Duration::ZERO);
    printed.value(&login);
    let pending = login.begin().await.unwrap();
    printed.value(&pending);
    let query: String = byte_serialize(CANARIES[6].as_bytes()).collect();
    let address = pending.redirect_uri().to_owned();
    for pasted in [
        CANARIES[6].to_owned(),
        format!("{address}?access_token={query}&state={query}"),
        format!("{address}?error={query}"),
        format!("{address}?state={query}&state={query}"),
        format!("https://{query}.example/?access_token={query}"),
    ] {
        printed.outcome(pending.paste(&pasted));
    }
    printed.outcome(pending.wait().await);
    // A proven one, with an error code that is none, and then one with tokens.
    for parameters in [
        format!("error={query}&error_description={query}"),
        format!("access_token={query}&refresh_token={query}&expires_in={query}"),
    ] {
        let pending = CliLogin::new().begin().await.unwrap();
        let state = pending
            .url()
            .split(['?', '&'])
            .find_map(|part| part.strip_prefix("state="))
            .unwrap()
            .to_owned();
        let address = pending.redirect_uri();
        pending
            .paste(&format!("{address}?state={state}&{parameters}"))
            .unwrap();
        printed.outcome(pending.wait().await);
    }
    let url = format!("https://{}@api.kallyai.com", CANARIES[6]);
    let login = CliLogin::new().base_url(url);
    printed.value(&login);
    printed.outcome(login.begin().await);
    // Nobody to show the link to.
    printed.outcome(CliLogin::new().run().await);
}
