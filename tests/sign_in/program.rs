//! Programs that use the library as the environment says: this test executable again, each time as a
//! process of its own.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use kallyai_sdk::Client;
use kallyai_sdk::auth::{self, Credentials, FileStore};

const PROGRAM: &str = "KALLYAI_TEST_PROGRAM";
/// Before each line that a program says.
const SAYS: &str = "program: ";

/// A program, with nothing of this process's environment but what the caller adds.
pub(crate) fn program(name: &str) -> Command {
    with_executable(&std::env::current_exe().unwrap(), name)
}

pub(crate) fn with_executable(executable: &Path, name: &str) -> Command {
    let mut command = Command::new(executable);
    command
        .args(["--exact", "program::runs", "--ignored", "--nocapture"])
        .env_clear()
        .env(PROGRAM, name);
    command
}

/// What it says until it ends; it must end well.
pub(crate) fn said(command: &mut Command) -> Vec<String> {
    let output = command.stdin(Stdio::null()).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}{errors}");
    let said: Vec<_> = text.lines().filter_map(word).collect();
    assert!(!said.is_empty(), "no program has run: {text}{errors}");
    said
}

/// Starts it, and waits until it says something. It may wait for its standard input to end.
pub(crate) fn started(command: &mut Command) -> Child {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
    let begun = lines
        .map_while(Result::ok)
        .any(|line| word(&line).is_some());
    assert!(begun, "the program has said nothing");
    child
}

fn word(line: &str) -> Option<String> {
    // The harness may have begun the line.
    line.split_once(SAYS).map(|(_, said)| said.to_owned())
}

pub(crate) fn say(words: impl std::fmt::Display) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{SAYS}{words}").unwrap();
    out.flush().unwrap();
}

#[test]
#[ignore = "a part of other tests"]
fn runs() {
    let Ok(name) = std::env::var(PROGRAM) else {
        return;
    };
    let many = || tokio::runtime::Runtime::new().unwrap();
    let one = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
    };
    match name.as_str() {
        "one request" => many().block_on(one_request()),
        "builds a client" => say(Client::from_env().map_or_else(
            |error| format!("no client: {error}"),
            |_| "a client".to_owned(),
        )),
        "canary" => say(format!("errors {}", crate::canary::every_error_path())),
        "25 tasks" => many().block_on(tasks()),
        "main returns" => {
            // As #[tokio::main] does: the future ends, and the runtime is dropped.
            many().block_on(ask_and_leave());
        }
        "main of one thread returns" => one().block_on(ask_and_leave()),
        "exit" => {
            many().block_on(ask_and_leave());
            assert!(auth::finish_refreshes());
            std::process::exit(0);
        }
        "runtime is left behind" => {
            let runtime = many();
            runtime.block_on(ask_and_leave());
            runtime.shutdown_background();
            assert!(auth::finish_refreshes());
        }
        "waits for ctrl-c" => {
            auth::finish_refreshes_on_ctrl_c().unwrap();
            many().block_on(async {
                let kally = Client::from_env().unwrap();
                tokio::spawn(async move { kally.credits().balance().await });
                say("asking");
                std::future::pending::<()>().await;
            });
        }
        "default file and another service" => {
            let credentials = Credentials::from_store(FileStore::default_file().unwrap());
            let built = Client::builder()
                .base_url(std::env::var("KALLYAI_BASE_URL").unwrap())
                .credentials(credentials)
                .build();
            say(built.map_or_else(|error| error.to_string(), |_| "built".to_owned()));
        }
        "profile" => {
            let kally = Client::builder()
                .base_url(std::env::var("KALLYAI_BASE_URL").unwrap())
                .profile("work")
                .build()
                .unwrap();
            many().block_on(balance(kally));
        }
        _ => panic!("no such program"),
    }
}

async fn one_request() {
    match Client::from_env() {
        Ok(kally) => balance(kally).await,
        Err(error) => say(format!("no client: {error}")),
    }
}

async fn balance(kally: Client) {
    match kally.credits().balance().await {
        Ok(_) => say("ok"),
        Err(error) => say(format!("error: {error}")),
    }
}

async fn tasks() {
    let kally = Client::from_env().unwrap();
    let tasks: Vec<_> = (0..25)
        .map(|_| {
            let kally = kally.clone();
            tokio::spawn(async move { kally.credits().balance().await })
        })
        .collect();
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => say("ok"),
            Err(error) => say(format!("error: {error}")),
        }
    }
}

/// Asks for something that needs a refresh, and goes away in the middle of it.
async fn ask_and_leave() {
    let kally = Client::from_env().unwrap();
    let asking = tokio::spawn(async move { kally.credits().balance().await });
    let left = tokio::time::timeout(Duration::from_secs(1), asking).await;
    assert!(left.is_err(), "the refresh was over before the program");
    say("leaving");
}
