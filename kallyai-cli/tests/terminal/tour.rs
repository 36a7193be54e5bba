//! The tour of the README is what the command prints.

use std::path::Path;
use std::process::Command;
use std::{env, fs};

use kallyai_sandbox::{Clock, Sandbox};
use rustix::termios::{Winsize, tcsetwinsize};

use crate::kallyai;
use crate::pty::Session;

/// Set to anything, it writes the tour anew.
const VARIABLE: &str = "KALLYAI_WRITE_TOUR";
const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
const BEGIN: &str = "<!-- tour -->\n";
const END: &str = "<!-- /tour -->\n";
const BLOCK: &str = "```console\n";

/// What a line of a shell prints on a terminal of 110 columns.
fn printed(sandbox: &Sandbox, home: &Path, line: &str) -> String {
    let binary = Path::new(env!("CARGO_BIN_EXE_kallyai"));
    let directory = binary.parent().unwrap();
    let usual = env::var("PATH").unwrap_or_default();
    let mut command = Command::new("sh");
    command.args(["-c", line]);
    for (name, value) in kallyai(sandbox, home).get_envs() {
        command.env(name, value.unwrap());
    }
    command
        .env("PATH", format!("{}:{usual}", directory.display()))
        .env("TERM", "dumb")
        .env("TZ", "America/New_York")
        .env("LANG", "en_US.UTF-8");
    let size = Winsize {
        ws_col: 110,
        ws_row: 40,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    let (_, screen) = Session::prepared(command, |terminal| {
        tcsetwinsize(terminal, size).unwrap();
    })
    .end();
    let lines = screen.replace("\r\n", "\n");
    let lines: Vec<&str> = lines.lines().map(str::trim_end).collect();
    lines.join("\n").trim_end().to_owned() + "\n"
}

/// The text of a block with what its commands print.
fn run(sandbox: &Sandbox, home: &Path, block: &str) -> String {
    let commands = block.lines().filter_map(|line| line.strip_prefix("$ "));
    commands
        .map(|line| format!("$ {line}\n{}", printed(sandbox, home, line)))
        .collect::<Vec<_>>()
        .join("\n")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_tour_is_what_the_command_prints() {
    let home = tempfile::tempdir().unwrap();
    let builder = Sandbox::builder().seed(1).clock(Clock::Manual);
    let sandbox = builder.call_seconds(0.0).start().await.unwrap();

    let readme = fs::read_to_string(README).unwrap();
    let (before, rest) = readme.split_once(BEGIN).unwrap();
    let (tour, after) = rest.split_once(END).unwrap();
    let mut pieces = tour.split(BLOCK);
    let mut written = pieces.next().unwrap().to_owned();
    let mut count = 0;
    for piece in pieces {
        let (block, text) = piece.split_once("```\n").unwrap();
        written += BLOCK;
        written += &run(&sandbox, home.path(), block);
        written += "```\n";
        written += text;
        count += 1;
    }
    assert!(count > 4, "{count} blocks");
    // Where the sandbox listens is another port each time.
    let address = sandbox.base_url().to_string();
    let written = written.replace(&address, "https://api.kallyai.com");
    if env::var_os(VARIABLE).is_some() {
        fs::write(README, format!("{before}{BEGIN}{written}{END}{after}")).unwrap();
        return;
    }
    assert!(
        written == tour,
        "the tour is not what the command prints; {VARIABLE}=1 writes it anew:\n{written}"
    );
    // The goal calls the same number, without a key.
    let dialled = sandbox.dialled();
    let ours = dialled.iter().filter(|call| call.idempotency_key.is_some());
    assert_eq!(ours.count(), 1);
}
