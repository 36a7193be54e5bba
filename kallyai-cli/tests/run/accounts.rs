//! Whose account it is, where several places say so.

use std::process::Command;

use serde_json::Value;

use crate::support::{Home, Printed};

const CONFIG: &str = r#"
[profiles.work]
base_url = "https://work.example"
token_file = "/work.json"
client_id = "of-work"

[profiles.other]
"#;

/// The value and the origin of a setting.
fn shown(command: &mut Command, name: &str) -> (Value, Value) {
    let ran = command.args(["config", "show"]).output().unwrap();
    let settings = ran.json();
    let settings = settings["settings"].as_array().unwrap();
    let found = settings.iter().find(|setting| setting["name"] == name);
    let found = found.unwrap_or(&Value::Null);
    (found["value"].clone(), found["from"].clone())
}

fn home() -> Home {
    let home = Home::new();
    let directory = home.path().join("config/kallyai");
    std::fs::create_dir_all(&directory).unwrap();
    std::fs::write(directory.join("config.toml"), CONFIG).unwrap();
    home
}

/// The environment of somebody at work with the sandbox.
fn elsewhere(home: &Home) -> Command {
    let mut command = home.command();
    command
        .env("KALLYAI_BASE_URL", "http://127.0.0.1:9")
        .env("KALLYAI_TOKEN_FILE", "/sandbox.json")
        .env("KALLYAI_CLIENT_ID", "of-sandbox")
        .env("KALLYAI_ACCESS_TOKEN", "of-sandbox");
    command
}

#[test]
fn a_profile_that_a_flag_names_is_not_mixed_with_the_environment() {
    let home = home();
    for (name, value) in [
        ("base_url", "https://work.example"),
        ("token_file", "/work.json"),
        ("client_id", "of-work"),
    ] {
        let of_work = shown(elsewhere(&home).args(["--profile", "work"]), name);
        assert_eq!(of_work, (value.into(), "configuration file".into()));
    }
    let token = shown(elsewhere(&home).args(["--profile", "work"]), "access_token");
    assert_eq!(token, (Value::Null, Value::Null));
}

#[test]
fn what_such_a_profile_does_not_say_the_environment_does() {
    let home = home();
    let url = shown(elsewhere(&home).args(["--profile", "other"]), "base_url");
    assert_eq!(url, ("http://127.0.0.1:9".into(), "environment".into()));
    // But not where its tokens are.
    let (file, _) = shown(elsewhere(&home).args(["--profile", "other"]), "token_file");
    let file = file.as_str().unwrap().to_owned();
    assert!(file.ends_with(".kallyai_token.other.json"), "{file}");
}

#[test]
fn without_a_flag_the_environment_comes_first() {
    let home = home();
    let mut command = elsewhere(&home);
    command.env("KALLYAI_PROFILE", "work");
    let url = shown(&mut command, "base_url");
    assert_eq!(url, ("http://127.0.0.1:9".into(), "environment".into()));
}

#[test]
fn an_address_with_a_password_is_not_shown() {
    let home = Home::new();
    let ran = home
        .command()
        .env("KALLYAI_BASE_URL", "https://ada:hunter2@kally.example")
        .env("KALLYAI_ACCESS_TOKEN", "token")
        .args(["config", "show"])
        .output()
        .unwrap();
    assert_eq!(ran.status.code(), Some(0));
    assert!(
        !(ran.out() + &ran.err()).contains("hunter2"),
        "{}",
        ran.out()
    );
}

#[test]
fn a_profile_that_the_file_does_not_have_is_refused() {
    let home = home();
    let ran = elsewhere(&home)
        .args(["credits", "balance", "--profile", "wrok"])
        .output()
        .unwrap();
    assert_eq!(ran.status.code(), Some(2));
    assert!(ran.err().contains("it has other, work"), "{}", ran.err());
    let ran = elsewhere(&home)
        .args(["credits", "balance"])
        .env("KALLYAI_PROFILE", "wrok")
        .output()
        .unwrap();
    assert_eq!(ran.status.code(), Some(2));
}
