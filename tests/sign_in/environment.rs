//! Rows of the environment: which tokens are used where.

use std::path::Path;
use std::process::Command;

use kallyai_sdk::auth::{FileStore, TokenSet, TokenStore};
use kallyai_tests::RawServer;
use tempfile::TempDir;

use crate::program::{program, said};

/// A service that takes every token, and a home.
struct Place {
    server: RawServer,
    home: TempDir,
}

impl Place {
    async fn new() -> Self {
        let balance = r#"{"credits_remaining": 1, "credits_allocated": 1, "credits_used": 0}"#;
        Self {
            server: RawServer::json("200 OK", balance).await,
            home: tempfile::tempdir().unwrap(),
        }
    }

    fn program(&self, name: &str) -> Command {
        let mut command = program(name);
        command
            .env("HOME", self.home.path())
            .env("KALLYAI_BASE_URL", self.server.base_url());
        command
    }

    /// Puts a token into a file of the home.
    fn file(&self, name: &str, token: &str) -> std::path::PathBuf {
        let path = self.home.path().join(name);
        FileStore::at(&path).save(&TokenSet::new(token)).unwrap();
        path
    }

    /// What a program says, and the tokens that it has sent.
    async fn outcome(&self, mut command: Command) -> (Vec<String>, Vec<String>) {
        let said = tokio::task::spawn_blocking(move || said(&mut command))
            .await
            .unwrap();
        (said, self.sent())
    }

    fn sent(&self) -> Vec<String> {
        let token = |request: &String| {
            request
                .lines()
                .find_map(|line| line.strip_prefix("authorization: Bearer "))
                .unwrap_or("none")
                .to_owned()
        };
        self.server.heard().iter().map(token).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_order_of_precedence() {
    let place = Place::new().await;
    let named = place.file("named.json", "of-the-named-file");
    place.file(".kallyai_token.client.an-id.json", "of-another-id");
    place.file(".kallyai_token.client.id.json", "of-the-client");

    let mut all = place.program("one request");
    all.env("KALLYAI_ACCESS_TOKEN", "of-the-variable")
        .env("KALLYAI_TOKEN_FILE", &named)
        .env("KALLYAI_CLIENT_ID", "id");
    let mut without_token = place.program("one request");
    without_token
        .env("KALLYAI_ACCESS_TOKEN", "")
        .env("KALLYAI_TOKEN_FILE", &named)
        .env("KALLYAI_CLIENT_ID", "id");
    let mut without_file = place.program("one request");
    without_file.env("KALLYAI_CLIENT_ID", "id");
    for (command, expected) in [
        (all, "of-the-variable"),
        (without_token, "of-the-named-file"),
        (without_file, "of-the-client"),
    ] {
        let (said, sent) = place.outcome(command).await;
        assert_eq!(said, ["ok"]);
        assert_eq!(sent.last().unwrap(), expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_the_environment_is_never_stored() {
    let place = Place::new().await;
    let mut command = place.program("one request");
    command.env("KALLYAI_ACCESS_TOKEN", "of-the-variable");
    assert_eq!(place.outcome(command).await.0, ["ok"]);
    assert!(is_empty(place.home.path()));
}

#[tokio::test(flavor = "multi_thread")]
async fn row_22_the_default_file_is_for_the_service_only() {
    let place = Place::new().await;
    let default = place.file(".kallyai_token.json", "of-the-service");
    let before = std::fs::read(&default).unwrap();
    // Another base URL: it is not even read. (Read, it would be refused for its mode.)
    make_unreadable(&default);
    let (said, sent) = place.outcome(place.program("one request")).await;
    assert!(said[0].contains("nobody is signed in"), "{said:?}");
    assert!(said[0].contains("KALLYAI_ACCESS_TOKEN"), "{said:?}");
    assert!(sent.is_empty());
    let (said, sent) = place
        .outcome(place.program("default file and another service"))
        .await;
    assert!(said[0].contains("another service"), "{said:?}");
    assert!(sent.is_empty());
    assert_eq!(std::fs::read(&default).unwrap(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_22_tokens_of_one_service_are_not_sent_to_another() {
    let place = Place::new().await;
    let mut tokens = TokenSet::new("of-another-service");
    tokens.origin = Some("https://gateway.example.com".to_owned());
    let file = place.home.path().join("tokens.json");
    FileStore::at(&file).save(&tokens).unwrap();
    let mut command = place.program("one request");
    command.env("KALLYAI_TOKEN_FILE", &file);
    let (said, sent) = place.outcome(command).await;
    assert!(said[0].contains("another service"), "{said:?}");
    assert!(sent.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn row_22_tokens_of_one_client_are_not_refreshed_by_another() {
    let place = Place::new().await;
    let mut tokens = TokenSet::new("of-another-client");
    tokens.client_id = Some("one".to_owned());
    let file = place.home.path().join("tokens.json");
    FileStore::at(&file).save(&tokens).unwrap();
    let mut command = place.program("one request");
    command
        .env("KALLYAI_TOKEN_FILE", &file)
        .env("KALLYAI_CLIENT_ID", "other");
    let (said, sent) = place.outcome(command).await;
    assert!(said[0].contains("another client id"), "{said:?}");
    assert!(sent.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn row_22_the_default_file_is_not_read_for_another_service_by_its_path_either() {
    let place = Place::new().await;
    let default = place.file(".kallyai_token.json", "of-the-service");
    make_unreadable(&default);
    std::fs::create_dir(place.home.path().join("detour")).unwrap();
    for path in [
        default.clone(),
        place.home.path().join("detour/../.kallyai_token.json"),
    ] {
        let mut command = place.program("one request");
        command.env("KALLYAI_TOKEN_FILE", path);
        let (said, sent) = place.outcome(command).await;
        assert!(said[0].contains("nobody is signed in"), "{said:?}");
        assert!(sent.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn row_22_tokens_of_the_flow_for_commands_are_refreshed_as_such_whatever_client_there_is() {
    let place = Place::new().await;
    let expired = TokenSet::new("old")
        .refresh_token("rt")
        .expires_at(chrono::DateTime::UNIX_EPOCH);
    let file = place.home.path().join("tokens.json");
    FileStore::at(&file).save(&expired).unwrap();
    let mut command = place.program("one request");
    command
        .env("KALLYAI_TOKEN_FILE", &file)
        .env("KALLYAI_CLIENT_ID", "some-client");
    place.outcome(command).await;
    let heard = place.server.heard();
    assert!(
        heard[0].starts_with("POST /v1/auth/refresh "),
        "{}",
        heard[0]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_has_a_file_of_its_own() {
    let place = Place::new().await;
    place.file(".kallyai_token.work.json", "of-work");
    place.file(".kallyai_token.home.json", "of-home");
    let (said, sent) = place.outcome(place.program("profile")).await;
    assert_eq!(said, ["ok"]);
    assert_eq!(sent, ["of-work"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_not_there_means_that_nobody_is_signed_in() {
    let place = Place::new().await;
    let mut command = place.program("one request");
    command.env("KALLYAI_TOKEN_FILE", place.home.path().join("none.json"));
    let (said, sent) = place.outcome(command).await;
    assert!(said[0].contains("nobody is signed in"), "{said:?}");
    assert!(sent.is_empty());
    assert!(is_empty(place.home.path()), "it wrote something");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_home_nothing_panics() {
    let place = Place::new().await;
    let mut command = place.program("builds a client");
    command.env_remove("HOME").env_remove("KALLYAI_BASE_URL");
    let (said, sent) = place.outcome(command).await;
    // The system may know a home of the user; what is in it is nobody's business here.
    assert!(
        said[0].starts_with("no client: ") || said[0] == "a client",
        "{said:?}"
    );
    assert!(sent.is_empty());
}

fn is_empty(directory: &Path) -> bool {
    std::fs::read_dir(directory).unwrap().next().is_none()
}

#[cfg(unix)]
fn make_unreadable(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o644)).unwrap();
}

#[cfg(not(unix))]
fn make_unreadable(_: &Path) {}
