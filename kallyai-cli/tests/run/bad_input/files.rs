//! Directories and files that are not as they should be.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;

use kallyai_sandbox::Sandbox;

use super::{CALL, can, fails};
use crate::support::{Home, Printed, kallyai};

fn full() -> Stdio {
    OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap()
        .into()
}

const DIRECTORIES: [&str; 6] = [
    "HOME",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_RUNTIME_DIR",
    "XDG_STATE_HOME",
];

#[tokio::test]
async fn a_full_disk_is_a_failure() {
    if !Path::new("/dev/full").exists() {
        return;
    }
    let sandbox = Sandbox::builder().call_seconds(0.0).start().await.unwrap();
    for line in [
        &["credits", "balance"][..],
        &["credits", "balance", "--human"],
        &["credits", "balance", "--plain"],
        &["credits", "balance", "--jq", "."],
        &["credits", "balance", "--dry-run"],
        &["credits", "balance", "--dry-run", "--human"],
        &["phone", "check", "+12025550199"],
        &["auth-status"],
        &["auth-status", "--human"],
        &["config", "path"],
        &["config", "show"],
        &["completions", "bash"],
        &["completions", "zsh"],
        &["man"],
        &["--help"],
        &["help", "calls", "make"],
        &["--version"],
        &CALL,
    ]
    .into_iter()
    .filter(|line| can(line))
    {
        let ran = kallyai(&sandbox)
            .args(line)
            .stdout(full())
            .output()
            .unwrap();
        assert_eq!(ran.status.code(), Some(1), "{line:?}: {}", ran.err());
        if line.contains(&"--human") {
            assert!(ran.err().starts_with("error: the output"), "{}", ran.err());
        } else if !line.contains(&"--plain") {
            assert_eq!(super::told(&ran)["code"], "output");
        }
        let mut command = kallyai(&sandbox);
        let ran = command
            .args(line)
            .stdout(full())
            .stderr(full())
            .output()
            .unwrap();
        assert_eq!(ran.status.code(), Some(1), "{line:?}");
    }
    let ran = kallyai(&sandbox)
        .arg("bogus")
        .stderr(full())
        .output()
        .unwrap();
    assert_eq!(ran.status.code(), Some(2));
}

#[tokio::test]
async fn no_home_is_no_hindrance() {
    let sandbox = Sandbox::builder().call_seconds(0.0).start().await.unwrap();
    let home = Home::new();
    let file = home.path().join("file");
    fs::write(&file, "").unwrap();
    let mut calls = 0;
    for value in [
        None,
        Some(""),
        Some("missing/x"),
        Some("/proc/none"),
        file.to_str(),
    ] {
        for (line, warns) in [
            (&["credits", "balance"][..], false),
            (&CALL, false),
            (&[], true),
        ] {
            let line = if warns {
                [&CALL[..], &["--wait"]].concat()
            } else {
                line.to_vec()
            };
            let mut command = home.kallyai(&sandbox);
            for name in DIRECTORIES {
                match value {
                    Some(value) => command.env(name, value),
                    None => command.env_remove(name),
                };
            }
            // Where a file is in the place of the directory, the configuration is named and may be missing.
            command.env("XDG_CONFIG_HOME", home.path().join("config"));
            calls += usize::from(line[0] == "calls");
            let ran = command.args(&line).output().unwrap();
            assert_eq!(
                ran.status.code(),
                Some(0),
                "{value:?} {line:?}: {}",
                ran.err()
            );
            let warned = ran
                .err()
                .starts_with("warning: the call cannot be written down");
            assert!(warned || ran.err().is_empty(), "{}", ran.err());
            assert!(warns || !warned, "{}", ran.err());
        }
    }
    assert_eq!(sandbox.dialled().len(), calls);
}

/// What a key promises, it cannot keep without its log.
#[tokio::test]
async fn a_key_without_a_log_dials_nobody() {
    let sandbox = Sandbox::builder().call_seconds(0.0).start().await.unwrap();
    let home = Home::new();
    let state = home.path().join("state");
    let log = state.join("kallyai").join("calls.log");
    let call = [&CALL[..], &["--idempotency-key", "k-1"]].concat();

    fs::write(&state, "a file").unwrap();
    let error = fails(home.kallyai(&sandbox).args(&call), 1);
    assert_eq!(error["code"], "call_log");
    fs::remove_file(&state).unwrap();

    fs::create_dir_all(&log).unwrap();
    fails(home.kallyai(&sandbox).args(&call), 1);
    fs::remove_dir(&log).unwrap();

    fs::write(&log, b"\xff\0 canary\n").unwrap();
    let error = fails(home.kallyai(&sandbox).args(&call), 1);
    assert!(!error.to_string().contains("canary"), "{error}");
    assert!(sandbox.journal().is_empty());

    fs::remove_file(&log).unwrap();
    let ran = home.kallyai(&sandbox).args(&call).output().unwrap();
    assert_eq!(ran.status.code(), Some(0), "{}", ran.err());
    assert_eq!(sandbox.dialled().len(), 1);
}

#[tokio::test]
async fn a_home_that_cannot_be_written() {
    let sandbox = Sandbox::builder().call_seconds(0.0).start().await.unwrap();
    let home = Home::new();
    let set = |mode| fs::set_permissions(home.path(), fs::Permissions::from_mode(mode)).unwrap();
    set(0o500);
    // Whoever may do everything may write here too.
    let holds = fs::write(home.path().join("probe"), "").is_err();
    let ran = home
        .kallyai(&sandbox)
        .args(CALL)
        .arg("--wait")
        .output()
        .unwrap();
    assert_eq!(ran.status.code(), Some(0), "{}", ran.err());
    assert_eq!(ran.err().starts_with("warning: "), holds, "{}", ran.err());
    set(0o700);
}

#[tokio::test]
async fn a_manual_that_cannot_be_written() {
    let sandbox = Sandbox::start().await.unwrap();
    for directory in ["/dev/null", "/dev/null/x"] {
        fails(kallyai(&sandbox).args(["man", "--dir", directory]), 1);
    }
}
