//! The skill for agents names only commands that there are.

use std::path::Path;

use kallyai_sandbox::Sandbox;

use crate::run;

const SKILL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../skills/kallyai/SKILL.md");

/// The command lines of a text: in code spans and in blocks.
fn command_lines(text: &str) -> Vec<String> {
    let joined = text.replace("\\\n", " ");
    let blocks = joined.split("```").skip(1).step_by(2);
    let of_blocks = blocks.flat_map(str::lines).map(str::to_owned);
    let prose: String = joined.split("```").step_by(2).collect();
    let spans: Vec<String> = prose
        .split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect();
    let all = of_blocks.chain(spans);
    all.filter(|line| line.starts_with("kallyai ")).collect()
}

/// The words of a line, as a shell takes them apart.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    for letter in line.chars() {
        match (quote, letter) {
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), close) if open == close => quote = None,
            (None, ' ') if word.is_empty() => {}
            (None, ' ') => words.push(std::mem::take(&mut word)),
            (None, '>') => break,
            _ => word.push(letter),
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words.remove(0);
    words
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_command_of_the_skill_is_one() {
    // A packaged crate has no repository around it.
    if !Path::new(SKILL).exists() {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let sandbox = Sandbox::start().await.unwrap();
    let lines = command_lines(&std::fs::read_to_string(SKILL).unwrap());
    let mut count = 0;
    for line in lines {
        let mut argv = words(&line);
        if argv
            .iter()
            .any(|word| word == "COMMAND" || word == "NUMBER")
        {
            continue;
        }
        argv.push("--dry-run".to_owned());
        let ended = run(&sandbox, home.path(), &argv);
        let said = String::from_utf8_lossy(&ended.stderr);
        let shows_none = said.contains("--dry-run");
        assert!(ended.status.success() || shows_none, "{line}: {said}");
        count += 1;
    }
    assert!(count > 15, "{count}");
    assert!(sandbox.journal().is_empty());
}
