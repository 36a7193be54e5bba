//! This test executable again, as another process: of another user, with another umask or home, with
//! mounts of its own, to be killed.

use std::ffi::OsString;
use std::fmt::Display;
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use kallyai_sdk::auth::{FileStore, Replaced, TokenStore};
use rustix::fs::Mode;
use tempfile::TempDir;

use super::{access, killed, mode, names, tokens};
use crate::program::say;

const ROLE: &str = "KALLYAI_TEST_ROLE";
const FILE: &str = "KALLYAI_TEST_FILE";
/// The user and group that own nothing.
pub(super) const NOBODY: u32 = 65534;

/// The executable, where every user can reach it.
pub(super) struct Executable {
    path: PathBuf,
    _copy: Option<TempDir>,
}

impl Executable {
    pub(super) fn own() -> Self {
        Self {
            path: std::env::current_exe().unwrap(),
            _copy: None,
        }
    }

    pub(super) fn for_nobody() -> Self {
        let own = Self::own();
        let reachable = nobody(&mut Command::new(&own.path))
            .arg("--list")
            .stdout(Stdio::null())
            .status();
        if reachable.is_ok_and(|status| status.success()) {
            return own;
        }
        let copy = tempfile::tempdir().unwrap();
        super::set_mode(copy.path(), 0o755);
        let path = copy.path().join("sign_in");
        std::fs::copy(&own.path, &path).unwrap();
        super::set_mode(&path, 0o755);
        Self {
            path,
            _copy: Some(copy),
        }
    }

    /// What runs one role with one file.
    pub(super) fn role(&self, role: &str, file: &Path) -> Command {
        let mut command = Command::new(&self.path);
        command.args(arguments());
        command.env(ROLE, role).env(FILE, file);
        command
    }

    /// The same, after a shell script has made mounts that this process never sees. The script gets the
    /// file as `$FILE`, and runs the role with `"$@"`.
    pub(super) fn role_after(&self, script: &str, role: &str, file: &Path) -> Command {
        let mut command = Command::new("unshare");
        if !is_root() {
            command.args(["--user", "--map-root-user"]);
        }
        command.args(["--mount", "--", "sh", "-euc", script, "sh"]);
        command.arg(&self.path).args(arguments());
        command.env(ROLE, role).env(FILE, file).env("FILE", file);
        command
    }
}

fn arguments() -> [OsString; 4] {
    [
        "--exact",
        "file_store::child::plays_its_role",
        "--ignored",
        "--nocapture",
    ]
    .map(Into::into)
}

pub(super) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// As a user to whom modes mean something. Nobody but root needs to become one.
pub(super) fn nobody(command: &mut Command) -> &mut Command {
    if is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

fn say_result<T, E: Display>(result: Result<T, E>, told: impl FnOnce(T) -> String) {
    match result {
        Ok(value) => say(told(value)),
        Err(error) => say(format!("error: {error}")),
    }
}

#[test]
#[ignore = "a part of other tests"]
fn plays_its_role() {
    let (Ok(role), Some(file)) = (std::env::var(ROLE), std::env::var_os(FILE)) else {
        return;
    };
    let file = PathBuf::from(file);
    let store = FileStore::at(&file);
    match role.as_str() {
        "load" => say_result(store.load(), |found| {
            found.map_or("none".to_owned(), |tokens| access(&tokens).to_owned())
        }),
        "save" => say_result(store.save(&tokens("child")), |()| "ok".to_owned()),
        "clear" => say_result(store.clear(), |()| "ok".to_owned()),
        "lock" => say_result(store.lock(), |_| "ok".to_owned()),
        "hold" => {
            let _held = store.lock().unwrap();
            say("held");
            std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
        }
        "umask 000" => modes_with_umask(&store, Mode::empty()),
        "umask 777" => modes_with_umask(&store, Mode::from_raw_mode(0o777)),
        "write for ever" => killed::write_for_ever(&store),
        "mounted" => mounted(&store),
        "default" => default_file(),
        _ => panic!("no such role"),
    }
}

fn modes_with_umask(store: &FileStore, umask: Mode) {
    rustix::process::umask(umask);
    let directory = store.path().parent().unwrap();
    let check = |expected: &[&str]| {
        assert_eq!(names(directory), expected);
        for name in expected {
            assert_eq!(mode(&directory.join(name)), 0o600, "{name}");
        }
    };
    let held = store.lock().unwrap();
    check(&["t.json.lock", "t.json.tmp"]);
    drop(held);
    store.save(&tokens("1")).unwrap();
    check(&["t.json", "t.json.lock"]);
    let mut held = store.lock().unwrap();
    check(&["t.json", "t.json.lock", "t.json.tmp"]);
    held.replace(&tokens("1"), &tokens("2")).unwrap();
    check(&["t.json", "t.json.lock"]);
    say("ok");
}

/// Everything in a file that is mounted by itself.
fn mounted(store: &FileStore) {
    let text = || std::fs::read_to_string(store.path()).unwrap();
    let directory = names(store.path().parent().unwrap());
    assert!(store.load().unwrap().is_none());
    store.save(&tokens("a long one")).unwrap();
    store.save(&tokens("1")).unwrap();
    assert_eq!(text().matches("access").count(), 2, "{}", text());
    let mut held = store.lock().unwrap();
    held.replace(&tokens("1"), &tokens("2")).unwrap();
    let in_process = FileStore::at(store.path());
    std::thread::scope(|scope| {
        let logout = scope.spawn(|| in_process.clear());
        held.replace(&tokens("2"), &tokens("3")).unwrap();
        assert_eq!(access(&held.load().unwrap().unwrap()), "access-3");
        drop(held);
        logout.join().unwrap().unwrap();
    });
    assert!(store.load().unwrap().is_none());
    let mut held = store.lock().unwrap();
    let replaced = held.replace(&tokens("3"), &tokens("4")).unwrap();
    assert!(matches!(replaced, Replaced::LoggedOut));
    drop(held);
    store.save(&tokens("left")).unwrap();
    // The directory is none of its business.
    assert_eq!(names(store.path().parent().unwrap()), directory);
    say("ok");
}

/// Where the default file is, and what it gives.
fn default_file() {
    match FileStore::default_file() {
        Ok(store) => {
            say(store.path().display());
            let spare = tempfile::env::temp_dir();
            assert!(store.path().starts_with(spare), "a real home is left alone");
            store.save(&tokens("1")).unwrap();
            let origin = store.load().unwrap().unwrap().origin;
            say(origin.unwrap_or_default());
            let mut foreign = tokens("2");
            foreign.origin = Some("http://127.0.0.1:8980".to_owned());
            // The same file by its path.
            let error = FileStore::at(store.path()).save(&foreign).unwrap_err();
            say(error);
        }
        Err(error) => say(error),
    }
}
