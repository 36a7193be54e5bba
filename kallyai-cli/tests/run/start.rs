//! What the command leaves alone: it starts quickly because it does not touch what it does not need.

use std::fs;
use std::io::ErrorKind;
use std::net::TcpListener;
use std::process::Command;

use kallyai_sandbox::Sandbox;

use crate::support::{Home, Printed, kallyai};

#[test]
fn help_and_version_read_no_configuration_and_connect_to_nobody() {
    let service = TcpListener::bind("127.0.0.1:0").unwrap();
    service.set_nonblocking(true).unwrap();
    let home = Home::new();
    let elsewhere = tempfile::tempdir().unwrap();
    let file = elsewhere.path().join("config.toml");
    fs::write(&file, "this is no TOML").unwrap();
    let command = |line: &str| -> Command {
        let mut command = home.command();
        command
            .env("KALLYAI_CONFIG", &file)
            .env(
                "KALLYAI_BASE_URL",
                format!("http://{}", service.local_addr().unwrap()),
            )
            .env("KALLYAI_ACCESS_TOKEN", "of nobody")
            .args(line.split(' '));
        command
    };
    // Whoever reads the configuration notices.
    let balance = command("credits balance").output().unwrap();
    assert_eq!(balance.status.code(), Some(2), "{}", balance.err());
    for line in ["--version", "--help", "calls --help", "calls make --help"] {
        let ran = command(line).output().unwrap();
        assert_eq!(ran.status.code(), Some(0), "{line}: {}", ran.err());
        assert!(ran.out().contains("kallyai"), "{line}: {}", ran.out());
        assert_eq!(ran.err(), "", "{line}");
    }
    assert_eq!(service.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
    let left: Vec<_> = fs::read_dir(home.path()).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}

/// Elsewhere no variable names the certificates.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_systems_certificates_are_read_for_https_alone() {
    let sandbox = Sandbox::start().await.unwrap();
    let balance = |command: &mut Command| {
        let nowhere = "/nonexistent/certificates";
        command
            .env("SSL_CERT_FILE", nowhere)
            .env("SSL_CERT_DIR", nowhere)
            .args(["credits", "balance"])
            .output()
            .unwrap()
    };
    let ran = balance(&mut kallyai(&sandbox));
    assert_eq!(ran.status.code(), Some(0), "{}", ran.err());
    // Whoever reads them notices.
    let ran = balance(kallyai(&sandbox).env("KALLYAI_BASE_URL", "https://127.0.0.1:1"));
    assert!(ran.err().contains("certificates"), "{}", ran.err());
}
