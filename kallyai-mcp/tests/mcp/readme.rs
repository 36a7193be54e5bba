//! The README says what is true.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::client::{Client, end_of, program};
use crate::quick;

const README: &str = include_str!("../../README.md");

/// What begins with two hyphens.
fn flags(text: &str) -> BTreeSet<&str> {
    text.split(|c: char| !(c.is_ascii_lowercase() || c == '-'))
        .filter(|word| word.starts_with("--") && word.len() > 3)
        .collect()
}

#[tokio::test]
async fn its_flags_are_those_of_the_program() {
    let (well, help, _) = end_of(program(&[], &["--help"])).await;
    assert!(well);
    let mut of_program = flags(&help);
    for own in ["--help", "--version"] {
        assert!(of_program.remove(own));
    }
    let table = README.lines().filter_map(|line| line.strip_prefix("| `--"));
    let names = table.map(|row| format!("--{}", row.split('`').next().unwrap()));
    let of_readme: BTreeSet<String> = names.collect();
    let of_readme: BTreeSet<&str> = of_readme.iter().map(String::as_str).collect();
    assert_eq!(of_readme, of_program);
}

#[tokio::test]
async fn its_snippets_start_a_server() {
    let sandbox = quick().start().await.unwrap();
    let snippets: Vec<Value> = README
        .split("```json\n")
        .skip(1)
        .map(|rest| serde_json::from_str(rest.split("```").next().unwrap()).unwrap())
        .collect();
    assert_eq!(snippets.len(), 2);
    for snippet in snippets {
        let servers = snippet.get("mcpServers").or_else(|| snippet.get("servers"));
        let server = &servers.unwrap()["kallyai"];
        assert_eq!(server["command"], "kallyai-mcp");
        // Without one, it is whoever is signed in.
        let variables = server.get("env").and_then(Value::as_object);
        assert!(variables.is_none_or(|all| all.keys().eq(["KALLYAI_ACCESS_TOKEN"])));
        let arguments = server["args"].as_array().unwrap();
        let arguments: Vec<&str> = arguments.iter().map(|a| a.as_str().unwrap()).collect();
        let mut client = Client::of_2025(&sandbox, &arguments, json!({})).await;
        assert!(client.names().await.contains(&"calls_create".to_owned()));
    }
}

#[tokio::test]
async fn the_default_list_is_small() {
    let sandbox = quick().start().await.unwrap();
    let mut client = Client::of_2025(&sandbox, &[], json!({})).await;
    let listed = client.request("tools/list", json!({})).await.to_string();
    assert!(listed.len() < 20_000, "{}", listed.len());
    let mut client = Client::of_2025(&sandbox, &["--all"], json!({})).await;
    let listed = client.request("tools/list", json!({})).await.to_string();
    assert!(
        (110_000..120_000).contains(&listed.len()),
        "{}",
        listed.len()
    );
}
