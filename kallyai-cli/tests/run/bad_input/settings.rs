//! Configuration and environment that are broken.

use std::fs;
use std::process::Command;

use kallyai_sandbox::Sandbox;

use super::fails;
use crate::support::{Home, Printed, fed};

fn configured(sandbox: &Sandbox, home: &Home, text: impl AsRef<[u8]>) -> Command {
    let path = home.path().join("c.toml");
    fs::write(&path, text).unwrap();
    let mut command = home.kallyai(sandbox);
    command.env("KALLYAI_CONFIG", path);
    command
}

#[tokio::test]
async fn files_that_are_wrong() {
    let sandbox = Sandbox::start().await.unwrap();
    let home = Home::new();
    for (text, line) in [
        ("a = ", "line 1"),
        ("\nbase_url = \"canary", "line 2"),
        ("access_token = \"canary\"", "line 1"),
        ("base_url = 3", "line 1"),
        ("base_url = \"\"", "line 1"),
        ("token_file = \"\"", "line 1"),
        ("client_id = \"\"", "line 1"),
        ("profile = \"\"", "line 1"),
        ("timeout = 0", "line 1"),
        ("timeout = -1", "line 1"),
        ("timeout = \"canary\"", "line 1"),
        ("timeout = 99999999999999999999", "line 1"),
        ("[profiles]\nwork = \"canary\"", "line 2"),
        ("[profiles.work]\nbase_url = [\"canary\"]", "line 2"),
        ("base_url = \"a\"\nbase_url = \"canary\"", "line 2"),
    ] {
        for arguments in [&["credits", "balance"][..], &["config", "show"]] {
            let error = fails(configured(&sandbox, &home, text).args(arguments), 2);
            let message = error["message"].as_str().unwrap();
            assert!(
                message.contains("c.toml") && message.contains(line),
                "{error}"
            );
            assert!(!message.contains("canary"), "{error}");
        }
    }
    for text in [&b"\xff\xfe"[..], &vec![b'#'; 2 << 20]] {
        let error = fails(
            configured(&sandbox, &home, text).args(["credits", "balance"]),
            2,
        );
        assert!(
            error["message"]
                .as_str()
                .unwrap()
                .contains("cannot be read"),
            "{error}"
        );
    }
    for name in ["a/b", "..", "a b", "é"] {
        let text = format!("profile = \"{name}\"");
        fails(
            configured(&sandbox, &home, text).args(["credits", "balance"]),
            2,
        );
        let mut command = home.kallyai(&sandbox);
        fails(
            command
                .env("KALLYAI_PROFILE", name)
                .args(["credits", "balance"]),
            2,
        );
    }
    assert!(sandbox.journal().is_empty());
}

#[tokio::test]
async fn files_that_are_none() {
    let sandbox = Sandbox::start().await.unwrap();
    let home = Home::new();
    let mut named = vec![home.path().to_owned(), home.path().join("missing.toml")];
    if cfg!(target_os = "linux") {
        // It has no end.
        named.push("/dev/zero".into());
    }
    for path in named {
        let with = |arguments: &[&str]| {
            let mut command = home.kallyai(&sandbox);
            command.env("KALLYAI_CONFIG", &path).args(arguments);
            command
        };
        let error = fails(&mut with(&["credits", "balance"]), 2);
        assert!(
            error["hint"].as_str().unwrap().contains("KALLYAI_CONFIG"),
            "{error}"
        );
        // What asks for nothing of it works.
        for line in [
            &["config", "path"][..],
            &["completions", "bash"],
            &["man"],
            &["phone", "check", "+12025550199"],
        ] {
            let ran = with(line).output().unwrap();
            assert_eq!(ran.status.code(), Some(0), "{line:?}: {}", ran.err());
        }
    }
    // No file is needed where none is named, and no entry for a profile.
    let mut command = home.kallyai(&sandbox);
    let ran = command.args(["credits", "balance"]).output().unwrap();
    assert_eq!(ran.status.code(), Some(0), "{}", ran.err());
    let mut command = home.kallyai(&sandbox);
    let error = fails(
        command.args(["credits", "balance", "--profile", "nobody"]),
        4,
    );
    assert_eq!(error["code"], "not_signed_in");
}

#[tokio::test]
async fn base_urls_that_are_none() {
    let sandbox = Sandbox::start().await.unwrap();
    let home = Home::new();
    let port = sandbox.base_url().rsplit(':').next().unwrap().to_owned();
    let real = format!("http://canary:canary@127.0.0.1:{port}");
    let with_path = format!("http://127.0.0.1:{port}/v1");
    let with_query = format!("http://127.0.0.1:{port}?canary");
    let blank = format!(" http://127.0.0.1:{port}");
    for url in [
        "canary",
        " ",
        "http://",
        "https://",
        "ftp://canary",
        "http://canary.example",
        "http://0.0.0.0:1",
        "http://localhost.canary.example",
        "http://127.0.0.1:99999",
        "https://canary.example#x",
        &real,
        &with_path,
        &with_query,
        &blank,
    ] {
        let mut command = home.kallyai(&sandbox);
        let error = fails(command.args(["credits", "balance", "--base-url", url]), 2);
        assert!(!error.to_string().contains("canary"), "{error}");
        let mut command = home.kallyai(&sandbox);
        command
            .env("KALLYAI_BASE_URL", url)
            .args(["credits", "balance"]);
        assert_eq!(fails(&mut command, 2), error);
        let mut command = home.kallyai(&sandbox);
        let ran = command
            .env("KALLYAI_BASE_URL", url)
            .args(["config", "show"])
            .output()
            .unwrap();
        assert_eq!(ran.status.code(), Some(0), "{}", ran.err());
        assert!(!ran.out().contains("canary"), "{}", ran.out());
    }
    assert!(sandbox.journal().is_empty());
}

#[cfg(unix)]
#[tokio::test]
async fn variables_that_are_no_text() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let sandbox = Sandbox::start().await.unwrap();
    let home = Home::new();
    let bad = OsStr::from_bytes(b"can\xffary");
    for name in ["ACCESS_TOKEN", "BASE_URL", "CLIENT_ID", "PROFILE", "CONFIG"] {
        let mut command = home.kallyai(&sandbox);
        command.env(format!("KALLYAI_{name}"), bad);
        let error = fails(command.args(["credits", "balance"]), 2);
        assert!(error.to_string().contains("KALLYAI_"), "{error}");
    }
    // Nobody asks for these as a text, or at all.
    for name in [
        "LANG",
        "LC_ALL",
        "TZ",
        "TERM",
        "NO_COLOR",
        "KALLYAI_CONFIRM",
        "RUST_LOG",
    ] {
        for value in [bad, OsStr::new("")] {
            let mut command = home.kallyai(&sandbox);
            command.env(name, value).args(super::CALL).arg("--dry-run");
            let ran = command.output().unwrap();
            assert_eq!(ran.status.code(), Some(0), "{name}: {}", ran.err());
        }
    }
    assert!(sandbox.journal().is_empty());
}

#[tokio::test]
async fn tokens_that_are_none() {
    let sandbox = Sandbox::start().await.unwrap();
    let home = Home::new();
    for token in [
        "canary\nX-Other: 1",
        "canary canary",
        "canäry",
        "canary\r",
        "\tcanary",
    ] {
        let mut command = home.kallyai(&sandbox);
        command.env("KALLYAI_ACCESS_TOKEN", token);
        let error = fails(command.args(["credits", "balance"]), 2);
        assert!(!error.to_string().contains("can"), "{error}");
    }
    // One that is set and empty is none.
    let mut command = home.kallyai(&sandbox);
    command.env("KALLYAI_ACCESS_TOKEN", "");
    assert_eq!(
        fails(command.args(["credits", "balance"]), 4)["code"],
        "not_signed_in"
    );
    assert!(sandbox.journal().is_empty());
}

/// Tokens are stored, and no good any more.
#[tokio::test]
async fn sign_ins_that_are_over() {
    let sandbox = Sandbox::start().await.unwrap();
    let home = Home::new();
    let file = home.path().join("tokens.json");
    let with = |text: &str| {
        fs::write(&file, text).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        }
        let mut command = home.kallyai(&sandbox);
        command
            .env_remove("KALLYAI_ACCESS_TOKEN")
            .env("KALLYAI_TOKEN_FILE", &file);
        command
    };
    let tokens = |expires: &str| {
        format!(
            r#"{{"access_token":"canary_at","refresh_token":"canary_rt","expires_at":{expires},"base_url":"{}"}}"#,
            sandbox.base_url()
        )
    };
    for text in ["", "{", "[]", "{\"access_token\": 3}", "canary"] {
        let ran = with(text).args(["credits", "balance"]).output().unwrap();
        let error = super::told(&ran);
        assert!(
            [1, 4].contains(&ran.status.code().unwrap()),
            "{text}: {error}"
        );
        assert!(!error.to_string().contains("canary"), "{error}");
    }
    // Expired, and refused: in both the refresh fails.
    for expires in ["1000000000", "99999999999"] {
        let error = fails(with(&tokens(expires)).args(super::CALL), 4);
        assert!(
            error["hint"].as_str().unwrap().contains("kallyai login"),
            "{error}"
        );
        assert!(!error.to_string().contains("canary"), "{error}");
    }
    let ran = with(&tokens("1000000000"))
        .arg("auth-status")
        .output()
        .unwrap();
    assert_eq!(
        (ran.status.code(), ran.out().as_str()),
        (Some(0), "{\"authenticated\":false}\n")
    );
    assert!(sandbox.dialled().is_empty());
    let ran = fed(with("{").args(["logout"]), "");
    assert_eq!(ran.status.code(), Some(0), "{}", ran.err());
    assert!(!file.exists());
}
