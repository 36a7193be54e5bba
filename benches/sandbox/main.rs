//! How quick and how large the sandbox is, beside Prism in the same run.
//!
//! `benches/sandbox.sh` builds what is needed, installs Prism into a temporary directory and runs this; by
//! itself, `cargo run --release -p kallyai-bench --example sandbox` leaves out the binary and Prism. It
//! prints tables in Markdown. Linux only.

mod growth;
mod rate;
mod servers;
mod start;
mod world;
mod worlds;

use std::error::Error;

use servers::Others;

type Failure = Box<dyn Error + Send + Sync>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        [] => table(&Others::default()).await,
        ["beside", binary] => table(&Others::new(binary, None)).await,
        ["beside", binary, prism, document] => {
            table(&Others::new(binary, Some((prism, document)))).await
        }
        // What a process of its own is started for.
        ["first"] => start::first().await,
        ["serve"] => servers::serve().await,
        ["plain"] => servers::serve_plain(),
        ["worlds", count] => worlds::grow(count.parse()?).await,
        ["drive", address, token, call_id, seconds] => {
            rate::drive_one(address, token, call_id, seconds.parse()?).await
        }
        // Parts of the table.
        ["start"] => start::rows(&Others::default()).await,
        ["rate"] => rate::rows(&Others::default()).await,
        ["growth"] => growth::rows().await,
        _ => Err(
            "no arguments, or: start|rate|growth|worlds <count>, or: drive <address> <token> <call id> <seconds>, or: beside <binary> [<prism> <document>]"
                .into(),
        ),
    }
}

async fn table(others: &Others) -> Result<(), Failure> {
    start::rows(others).await?;
    rate::rows(others).await?;
    worlds::rows()?;
    growth::rows().await
}
