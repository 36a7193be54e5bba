//! What the MCP server adds to a call of a tool, and how quickly it starts.
//!
//! `benches/mcp.sh` builds the server and runs this with its path. It prints tables in Markdown. The sandbox is in
//! this process, on a thread of its own; the server is a process, asked over its stdin one thing at a time.

mod server;

use std::error::Error;
use std::time::{Duration, Instant};

use kallyai_bench::load::{Connection, request};
use kallyai_sandbox::Sandbox;
use serde_json::{Value, json};

use server::Server;

type Failure = Box<dyn Error + Send + Sync>;

/// How often the server is started.
const STARTS: usize = 51;
/// How often each thing is asked for, in turn with what it is compared with.
const ROUNDS: usize = 1_000;
/// What comes first is not counted.
const WARMING: usize = 100;
/// A number whose calls are cancelled, which costs nothing: any number of them can be placed.
const FREE: &str = "+12025550105";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let Some(binary) = std::env::args().nth(1) else {
        return Err("say where the binary kallyai-mcp is".into());
    };
    let sandbox = Sandbox::builder().call_seconds(0.0).start().await?;
    starts(&binary, &sandbox)?;
    let mut rounds = Rounds {
        server: Server::start(&binary, &sandbox)?,
        bare: Connection::open(sandbox.base_url().trim_start_matches("http://")).await?,
        token: sandbox.access_token().to_owned(),
    };
    println!(
        "\n| {ROUNDS} each, in turn | the server's answer, median | bare HTTP, median | its own share, median | 99th of 100 |\n| --- | --- | --- | --- | --- |"
    );
    rounds.alone("ping", &json!({}))?;
    rounds.alone("tools/list", &json!({}))?;
    let id = rounds.place(0).await?;
    rounds.getting(&id).await?;
    rounds.placing().await
}

/// From spawning the process to the answer to `initialize`.
fn starts(binary: &str, sandbox: &Sandbox) -> Result<(), Failure> {
    let mut times = Vec::new();
    for _ in 0..STARTS {
        let started = Instant::now();
        let server = Server::start(binary, sandbox)?;
        times.push(started.elapsed());
        drop(server);
    }
    println!("\n| start | median | slowest of {STARTS} |\n| --- | --- | --- |");
    println!(
        "| from spawning to the answer to `initialize` | {:.1?} | {:.1?} |",
        quantile(&mut times, 0.5)?,
        quantile(&mut times, 1.0)?
    );
    Ok(())
}

struct Rounds {
    server: Server,
    bare: Connection,
    token: String,
}

impl Rounds {
    /// What the server answers by itself.
    fn alone(&mut self, method: &str, params: &Value) -> Result<(), Failure> {
        let mut pairs = Vec::new();
        for _ in 0..WARMING + ROUNDS {
            let (time, answer) = self.server.request(method, params)?;
            if answer.get("result").is_none() {
                return Err(format!("{method} was answered {answer}").into());
            }
            pairs.push((time, Duration::ZERO));
        }
        row(&format!("`{method}`"), &pairs)
    }

    /// A call of a tool that reads, beside the same request by hand.
    async fn getting(&mut self, id: &str) -> Result<(), Failure> {
        let params = json!({ "name": "calls_get", "arguments": { "call_id": id } });
        let bare = request("GET", &format!("/v1/calls/{id}"), &self.token, "");
        let mut pairs = Vec::new();
        for _ in 0..WARMING + ROUNDS {
            let by_hand = self.ask(&bare, 200).await?;
            pairs.push((self.tool(&params)?, by_hand));
        }
        row("`tools/call` of `calls_get`", &pairs)
    }

    /// A call of the tool that dials, beside the same request by hand. Each is another call.
    async fn placing(&mut self) -> Result<(), Failure> {
        let mut pairs = Vec::new();
        for number in 1..=WARMING + ROUNDS {
            let bare = json!(submission(2 * number)).to_string();
            let bare = request("POST", "/v1/calls", &self.token, &bare);
            let by_hand = self.ask(&bare, 201).await?;
            let arguments = submission(2 * number + 1);
            let params = json!({ "name": "calls_create", "arguments": arguments });
            pairs.push((self.tool(&params)?, by_hand));
        }
        row("`tools/call` of `calls_create`", &pairs)
    }

    /// Places a call by hand: its id.
    async fn place(&mut self, number: usize) -> Result<String, Failure> {
        let body = submission(number).to_string();
        let request = request("POST", "/v1/calls", &self.token, &body);
        let answer = self.bare.ask(&request).await?;
        let call: Value = serde_json::from_slice(answer.body)?;
        let id = call.get("call_id").and_then(Value::as_str);
        Ok(id.ok_or("a call without id")?.to_owned())
    }

    async fn ask(&mut self, request: &[u8], expected: u16) -> Result<Duration, Failure> {
        let started = Instant::now();
        let status = self.bare.ask(request).await?.status;
        if status != expected {
            return Err(format!("the sandbox answered {status}").into());
        }
        Ok(started.elapsed())
    }

    fn tool(&mut self, params: &Value) -> Result<Duration, Failure> {
        let (time, answer) = self.server.request("tools/call", params)?;
        if answer.pointer("/result/isError") != Some(&Value::Bool(false)) {
            return Err(format!("the tool was answered {answer}").into());
        }
        Ok(time)
    }
}

/// The body of a call, which is that of the tool too. Another number is another task.
fn submission(number: usize) -> Value {
    json!({
        "submission": {
            "task_category": "restaurant",
            "task_description": format!("Reserve table {number} for 4 at 8 pm"),
            "respondent_phone": FREE,
        },
        "timezone": "America/New_York",
    })
}

/// Prints pairs of what the server and what the bare request has taken.
fn row(name: &str, pairs: &[(Duration, Duration)]) -> Result<(), Failure> {
    let pairs = pairs.get(WARMING..).ok_or("too few rounds")?;
    let mut answers: Vec<_> = pairs.iter().map(|(answer, _)| *answer).collect();
    let mut bare: Vec<_> = pairs.iter().map(|(_, bare)| *bare).collect();
    let mut own: Vec<_> = pairs
        .iter()
        .map(|(answer, bare)| answer.saturating_sub(*bare))
        .collect();
    let by_hand = match quantile(&mut bare, 0.5)? {
        Duration::ZERO => "-".to_owned(),
        median => format!("{median:.1?}"),
    };
    println!(
        "| {name} | {:.1?} | {by_hand} | {:.1?} | {:.1?} |",
        quantile(&mut answers, 0.5)?,
        quantile(&mut own, 0.5)?,
        quantile(&mut own, 0.99)?
    );
    Ok(())
}

fn quantile(times: &mut [Duration], part: f64) -> Result<Duration, Failure> {
    times.sort_unstable();
    let last = times.len().saturating_sub(1);
    // Few enough for a float, and never negative.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss
    )]
    let place = (last as f64 * part).round() as usize;
    Ok(*times.get(place).ok_or("nothing was measured")?)
}
