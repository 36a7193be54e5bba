//! Rows that need processes: one refresh for all of them, and none that is lost when they end.

use std::path::PathBuf;
use std::time::Duration;

use kallyai_sandbox::Sandbox;
use kallyai_sdk::Client;
use kallyai_sdk::auth::{Credentials, FileStore, TokenSet, TokenStore};
use tempfile::TempDir;

use crate::program::{program, said, started};
use crate::service::{asked, expired, refreshes, slow_refresh, strict, until_refreshing};

/// A service, and a token file whose token has expired.
struct Account {
    sandbox: Sandbox,
    file: PathBuf,
    _directory: TempDir,
}

impl Account {
    async fn expired() -> Self {
        let sandbox = strict().await;
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("tokens.json");
        FileStore::at(&file).save(&expired(&sandbox)).unwrap();
        Self {
            sandbox,
            file,
            _directory: directory,
        }
    }

    fn program(&self, name: &str) -> std::process::Command {
        let mut command = program(name);
        command
            .env("KALLYAI_BASE_URL", self.sandbox.base_url())
            .env("KALLYAI_TOKEN_FILE", &self.file);
        command
    }

    fn tokens(&self) -> TokenSet {
        FileStore::at(&self.file).load().unwrap().unwrap()
    }

    /// Runs a program without holding up the sandbox.
    async fn run(&self, name: &str) -> Vec<String> {
        let mut command = self.program(name);
        tokio::task::spawn_blocking(move || said(&mut command))
            .await
            .unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn row_01_one_refresh_for_8_processes_of_25_tasks() {
    let account = Account::expired().await;
    slow_refresh(&account.sandbox, Duration::from_millis(300));
    let programs: Vec<_> = (0..8)
        .map(|_| {
            let mut command = account.program("25 tasks");
            tokio::task::spawn_blocking(move || said(&mut command))
        })
        .collect();
    for program in programs {
        assert_eq!(program.await.unwrap(), ["ok"; 25]);
    }
    assert_eq!(refreshes(&account.sandbox), 1);
    assert_eq!(asked(&account.sandbox, "credits_balance"), 200);
    // The family lives: the file's token is good, and so is its refresh token.
    assert_eq!(account.run("one request").await, ["ok"]);
    assert_ne!(
        account.tokens().refresh_token.unwrap().expose(),
        account.sandbox.refresh_token()
    );
}

fn client(account: &Account) -> Client {
    let credentials = Credentials::from_store(FileStore::at(&account.file));
    crate::service::client(account.sandbox.base_url(), credentials)
}

/// Waits until the service is refreshing, then does something.
async fn meanwhile(account: &Account, what: impl FnOnce()) {
    until_refreshing(&account.sandbox).await;
    what();
}

#[tokio::test(flavor = "multi_thread")]
async fn row_02_the_file_holds_the_new_token_though_nobody_waited() {
    let account = Account::expired().await;
    slow_refresh(&account.sandbox, Duration::from_millis(300));
    let asked = client(&account);
    let request = asked.credits().balance();
    let error = request.timeout(Duration::from_millis(100)).await;
    assert!(error.unwrap_err().is_timeout());
    assert!(kallyai_sdk::auth::finish_refreshes());
    assert_ne!(account.tokens().access_token.expose(), "an-expired-token");
}

#[tokio::test(flavor = "multi_thread")]
async fn row_05_a_file_that_is_rewritten_during_the_rejection_is_adopted() {
    let account = Account::expired().await;
    let mut rejected = account.tokens();
    rejected.refresh_token = Some("rt-rejected".into());
    FileStore::at(&account.file).save(&rejected).unwrap();
    slow_refresh(&account.sandbox, Duration::from_millis(300));
    // As tools write it that take no lock.
    let newer = format!(
        r#"{{"access_token": "{}", "refresh_token": null, "expires_at": 4000000000}}"#,
        account.sandbox.access_token()
    );
    let kally = client(&account);
    let (balance, ()) = tokio::join!(
        kally.credits().balance(),
        meanwhile(&account, || std::fs::write(&account.file, &newer).unwrap()),
    );
    balance.unwrap();
    assert_eq!(std::fs::read_to_string(&account.file).unwrap(), newer);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_06_a_file_that_is_deleted_during_the_refresh_stays_deleted() {
    let account = Account::expired().await;
    slow_refresh(&account.sandbox, Duration::from_millis(300));
    let kally = client(&account);
    let (balance, ()) = tokio::join!(
        kally.credits().balance(),
        meanwhile(&account, || std::fs::remove_file(&account.file).unwrap()),
    );
    assert!(balance.unwrap_err().is_not_logged_in());
    assert!(!account.file.exists());
}

/// A program that ends a second into a refresh of two.
async fn leaves_in_the_middle(name: &str) {
    let account = Account::expired().await;
    slow_refresh(&account.sandbox, Duration::from_secs(2));
    assert_eq!(account.run(name).await, ["leaving"]);
    assert_eq!(refreshes(&account.sandbox), 1);
    assert_ne!(account.tokens().access_token.expose(), "an-expired-token");
    assert_eq!(account.run("one request").await, ["ok"]);
    assert_eq!(refreshes(&account.sandbox), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_21_a_main_that_returns_waits_for_the_refresh() {
    leaves_in_the_middle("main returns").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn row_21_so_does_a_main_of_one_thread() {
    leaves_in_the_middle("main of one thread returns").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn row_21_so_does_an_exit_that_asks() {
    leaves_in_the_middle("exit").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn row_21_so_does_the_end_without_its_runtime() {
    leaves_in_the_middle("runtime is left behind").await;
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn row_21_so_does_ctrl_c() {
    use rustix::process::{Pid, Signal, kill_process};

    let account = Account::expired().await;
    slow_refresh(&account.sandbox, Duration::from_secs(2));
    let mut command = account.program("waits for ctrl-c");
    let mut child = tokio::task::spawn_blocking(move || started(&mut command))
        .await
        .unwrap();
    until_refreshing(&account.sandbox).await;
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let status = tokio::task::spawn_blocking(move || child.wait().unwrap())
        .await
        .unwrap();
    assert_eq!(status.code(), Some(130));
    assert_ne!(account.tokens().access_token.expose(), "an-expired-token");
}

/// As a user to whom modes mean something: root writes everywhere.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn row_04_in_a_read_only_directory_no_refresh_token_is_spent() {
    use std::os::unix::fs::{PermissionsExt, chown};
    use std::os::unix::process::CommandExt;

    const NOBODY: u32 = 65534;

    let account = Account::expired().await;
    let place = account.file.parent().unwrap().to_owned();
    // Where that user can run it.
    let program = place.join("program");
    std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    let set_mode = |path: &std::path::Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    set_mode(&program, 0o755);
    std::fs::remove_file(place.join("tokens.json.lock")).unwrap();
    let mut command = crate::program::with_executable(&program, "one request");
    command
        .env("KALLYAI_BASE_URL", account.sandbox.base_url())
        .env("KALLYAI_TOKEN_FILE", &account.file);
    if rustix::process::geteuid().is_root() {
        chown(&account.file, Some(NOBODY), Some(NOBODY)).unwrap();
        command.uid(NOBODY).gid(NOBODY);
    }
    set_mode(&place, 0o555);
    let said = tokio::task::spawn_blocking(move || said(&mut command))
        .await
        .unwrap();
    set_mode(&place, 0o755);
    // The tokens were read, and would have been refreshed if they could be written.
    assert!(said[0].starts_with("error: "), "{said:?}");
    assert!(said[0].contains("cannot be written"), "{said:?}");
    assert!(account.sandbox.journal().is_empty());
}
