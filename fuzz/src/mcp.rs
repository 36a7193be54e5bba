//! Lines of JSON-RPC to the MCP server, with a policy that lets nothing dial: the first byte says which, and whether
//! hands are shaken before.

use std::sync::OnceLock;

use clap::Parser;
use kallyai_mcp::Options;
use kallyai_mcp::fuzzing::Waiting;
use kallyai_sandbox::Sandbox;
use kallyai_sdk::Client;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

use crate::runtime::block_on;

#[derive(Parser)]
struct Flags {
    #[command(flatten)]
    options: Options,
}

struct Servers {
    sandbox: Sandbox,
    reading: Waiting,
    bounded: Waiting,
}

/// Made once: a service on loopback, and two servers for its account.
fn servers() -> &'static Servers {
    static SERVERS: OnceLock<Servers> = OnceLock::new();
    SERVERS.get_or_init(|| {
        let starting = Sandbox::builder().seed(0).start();
        let sandbox = block_on(starting).expect("a sandbox");
        let server = |flags: &[&str]| {
            let flags = [&["fuzz", "--wait", "0", "--place-wait", "0"], flags].concat();
            let flags = Flags::try_parse_from(flags).expect("flags");
            let client = Client::builder()
                .base_url(sandbox.base_url())
                .access_token(sandbox.access_token())
                .max_attempts(1)
                .build()
                .expect("a client");
            Waiting::new(&flags.options, client).expect("a server")
        };
        Servers {
            reading: server(&["--all", "--read-only"]),
            bounded: server(&[
                "--calls-per-hour",
                "0",
                "--credits",
                "0",
                "--no-confirmation",
            ]),
            sandbox,
        }
    })
}

const HELLO: &[u8] = br#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"fuzz","version":"1"}}}
{"jsonrpc":"2.0","method":"notifications/initialized"}
"#;

/// Panics where something is wrong.
pub fn run(input: &[u8]) {
    let Some((first, lines)) = input.split_first() else {
        return;
    };
    let servers = servers();
    let server = if first & 1 == 1 {
        &servers.reading
    } else {
        &servers.bounded
    };
    let said = block_on(async {
        let (mut client, transport) = duplex(1024 * 1024);
        let asking = async {
            if first & 2 == 0 {
                let _ = client.write_all(HELLO).await;
            }
            let _ = client.write_all(lines).await;
            let _ = client.shutdown().await;
            let mut said = Vec::new();
            let _ = client.read_to_end(&mut said).await;
            said
        };
        // Whether the client was understood is no matter here.
        let (_, said) = tokio::join!(server.serve(transport), asking);
        said
    });
    for line in said.split(|byte| *byte == b'\n') {
        if line.is_empty() {
            continue;
        }
        let message: Value = serde_json::from_slice(line).expect("a line is a message");
        assert_eq!(message.get("jsonrpc"), Some(&Value::from("2.0")));
    }
    assert!(servers.sandbox.dialled().is_empty(), "a phone rings");
    assert!(servers.sandbox.sent().is_empty(), "a letter has left");
    servers.sandbox.clear_journal();
}
