use std::time::Instant;

use chrono::{DateTime, TimeDelta};
use serde_json::{Value, json};

use super::format::{Content, parse, write};
use super::*;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn tokens() -> TokenSet {
    TokenSet::new("acc")
        .refresh_token("ref")
        .expires_at(now() + TimeDelta::seconds(3600))
}

fn written(tokens: &TokenSet, shared: bool) -> Value {
    serde_json::from_slice(&write(tokens, Map::new(), shared, now())).unwrap()
}

fn read(text: impl AsRef<[u8]>) -> TokenSet {
    match parse(text.as_ref()) {
        Content::Tokens(stored) => stored.tokens,
        _ => panic!("no tokens in {}", text.as_ref().escape_ascii()),
    }
}

#[test]
fn a_lock_that_is_held_is_waited_for_and_not_for_ever() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("tokens.json");
    let store = FileStore::at(&file);
    let mut other = FileStore::at(&file);
    other.wait = Duration::from_millis(60);

    let held = store.lock().unwrap();
    let begun = Instant::now();
    for error in [
        other.lock().err().unwrap(),
        other.save(&tokens()).unwrap_err(),
    ] {
        assert!(error.to_string().contains("tokens.json.lock"), "{error}");
        assert!(error.to_string().contains("fuser"), "{error}");
    }
    assert!(begun.elapsed() >= Duration::from_millis(120));
    drop(held);
    other.lock().unwrap();
}

#[test]
fn the_shared_form() {
    assert_eq!(
        written(&tokens(), true),
        json!({"access_token": "acc", "refresh_token": "ref", "expires_at": 1_800_003_540})
    );
    // A part of a second, a time that is not known, an empty refresh token.
    let mut odd = tokens().refresh_token("");
    odd.expires_at = Some(now() + TimeDelta::milliseconds(3_600_900));
    assert_eq!(
        written(&odd, true),
        json!({"access_token": "acc", "refresh_token": null, "expires_at": 1_800_003_540})
    );
    assert_eq!(
        written(&TokenSet::new("acc"), true),
        json!({"access_token": "acc", "refresh_token": null, "expires_at": 1_800_003_540})
    );
    // A life too short for the margin is not lost to it.
    let short = tokens().expires_at(now() + TimeDelta::seconds(10));
    assert_eq!(written(&short, true)["expires_at"], 1_800_000_005);
    let past = tokens().expires_at(now() - TimeDelta::seconds(10));
    assert_eq!(written(&past, true)["expires_at"], 1_799_999_990);
}

#[test]
fn a_file_of_ones_own_also_holds_where_the_tokens_are_from() {
    let mut tokens = tokens();
    tokens.origin = Some("http://127.0.0.1:8980".to_owned());
    tokens.client_id = Some("client".to_owned());
    tokens.scope = Some("calls:read".to_owned());
    let text = write(&tokens, Map::new(), false, now());
    let again = read(&text);
    assert!(again.same_tokens(&tokens));
    assert_eq!(again.origin, tokens.origin);
    assert_eq!(again.client_id, tokens.client_id);
    assert_eq!(again.scope, tokens.scope);

    assert_eq!(
        written(&TokenSet::new("acc"), false),
        json!({"access_token": "acc", "refresh_token": null, "expires_at": null})
    );
}

#[test]
fn times_in_every_form() {
    let at = |value: &str| {
        read(format!(r#"{{"access_token": "a", "expires_at": {value}}}"#))
            .expires_at
            .map(|time| time.timestamp_millis())
    };
    for (value, expected) in [
        ("1800000000", Some(1_800_000_000_000)),
        ("1800000000.5", Some(1_800_000_000_500)),
        ("1.8e9", Some(1_800_000_000_000)),
        ("\"1800000000\"", Some(1_800_000_000_000)),
        ("\" 1800000000.25 \"", Some(1_800_000_000_250)),
        ("0", Some(0)),
        ("null", None),
        ("-1", None),
        ("1e300", None),
        ("1800000000000", None),
        ("\"inf\"", None),
        ("\"NaN\"", None),
        ("\"soon\"", None),
        ("true", None),
        ("[1800000000]", None),
    ] {
        assert_eq!(at(value), expected, "{value}");
    }
    assert_eq!(read(r#"{"access_token": "a"}"#).expires_at, None);
}

#[test]
fn what_is_no_token_file() {
    for text in [
        "[]",
        "null",
        "{",
        "{\"access_token\"",
        "text",
        "{\"a\": 1}",
        "\u{0}\u{0}",
        r#"{"access_token": ""}"#,
        r#"{"access_token": null}"#,
        r#"{"access_token": 5}"#,
        r#"{"access_token": "a"} {"access_token": "b"}"#,
    ] {
        assert!(matches!(parse(text.as_bytes()), Content::Damaged), "{text}");
    }
    for text in ["", " \n", "\u{feff}"] {
        assert!(matches!(parse(text.as_bytes()), Content::Empty), "{text}");
    }
    assert!(matches!(parse(format::SIGNED_OUT), Content::SignedOut));
}

#[test]
fn what_editors_add_is_no_harm() {
    let tokens = read("\u{feff}{\"access_token\": \"a\", \"refresh_token\": \"r\"}\r\n\r\n ");
    assert_eq!(tokens.access_token.expose(), "a");
    assert!(tokens.refresh_token.is_some());
}

#[test]
fn the_name_of_a_client_is_its_own() {
    let ids = [
        "client", "Client", "CLIENT", "cli.ent", "cli-ent", "cli/ent", "../x", "a b", "é", "-2d",
    ];
    let names: Vec<_> = ids
        .iter()
        .map(|id| place::client_name(id).unwrap())
        .collect();
    for (index, name) in names.iter().enumerate() {
        assert!(!name.contains('/') && name.is_ascii(), "{name}");
        assert_eq!(names.iter().position(|other| other == name), Some(index));
        assert_eq!(*name, name.to_lowercase());
    }
    assert_eq!(names[0], "client");
    assert_eq!(place::client_name(""), None);
    assert_eq!(place::client_name(&"x".repeat(201)), None);
    assert!(
        FileStore::for_client("x")
            .is_ok_and(|store| { store.path().ends_with(".kallyai_token.client.x.json") })
    );
}

#[test]
fn names_of_stores() {
    assert!(
        FileStore::named("work")
            .is_ok_and(|store| { store.path().ends_with(".kallyai_token.work.json") })
    );
    for name in ["", "a/b", "..", "a b", "é", "client.x", &"x".repeat(65)] {
        assert!(FileStore::named(name).is_err(), "{name}");
    }
}

#[test]
fn paths_are_whole() {
    let here = std::env::current_dir().unwrap();
    assert_eq!(FileStore::at("t.json").path(), here.join("t.json"));
    assert_eq!(FileStore::at("/a/./t.json/").path(), Path::new("/a/t.json"));
    for nowhere in ["", "/", ".."] {
        let store = FileStore {
            path: nowhere.into(),
            shared: false,
            wait: Duration::ZERO,
        };
        assert!(store.load().is_err());
        assert!(store.save(&tokens()).is_err());
        assert!(store.clear().is_err());
        assert!(store.lock().is_err());
    }
}

#[test]
fn row_22_the_shared_file_keeps_no_foreign_tokens() {
    let directory = tempfile::tempdir().unwrap();
    let store = FileStore::with(directory.path().join("t.json"), true);
    let mut foreign = Vec::new();
    for origin in [
        "http://127.0.0.1:8980",
        "https://api.kallyai.com/gateway",
        "?",
    ] {
        let mut tokens = tokens();
        tokens.origin = Some(origin.to_owned());
        foreign.push(tokens);
    }
    let mut of_client = tokens();
    of_client.client_id = Some("client".to_owned());
    foreign.push(of_client);

    store.save(&tokens()).unwrap();
    for tokens in &foreign {
        let error = store.save(tokens).unwrap_err();
        assert!(error.to_string().contains("KALLYAI_TOKEN_FILE"), "{error}");
        let stored = store.load().unwrap().unwrap();
        assert!(store.lock().unwrap().replace(&stored, tokens).is_err());
    }
    // Not even if somebody has copied them there.
    let own = FileStore::with(store.path.clone(), false);
    for tokens in &foreign {
        own.save(tokens).unwrap();
        assert!(store.load().is_err());
    }
    let mut ours = tokens();
    ours.origin = Some("https://api.kallyai.com/".to_owned());
    store.save(&ours).unwrap();
    let stored = store.load().unwrap().unwrap();
    assert_eq!(stored.origin.as_deref(), Some("https://api.kallyai.com"));
    assert_eq!(stored.client_id, None);
    let text = std::fs::read_to_string(&store.path).unwrap();
    assert!(
        !text.contains("origin") && !text.contains("client_id"),
        "{text}"
    );
}

#[test]
fn row_09_nothing_shows_what_is_kept() {
    let directory = tempfile::tempdir().unwrap();
    let store = FileStore::at(directory.path().join("t.json"));
    store.save(&TokenSet::new("hunter2")).unwrap();
    assert!(!format!("{store:?}").contains("hunter2"));
    std::fs::write(store.path(), r#"{"access_token": "hunter2", "#).unwrap();
    let error = store.load().unwrap_err();
    assert!(!format!("{error} {error:?}").contains("hunter2"));
    assert!(error.to_string().contains("sign in again"));
    let error = store.save(&TokenSet::new("")).unwrap_err();
    assert!(error.to_string().contains("empty"));
}
