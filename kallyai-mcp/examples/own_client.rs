//! The server in a program that has a client of its own: here with an address and a token that it is given, as
//! `own_client http://127.0.0.1:8980 TOKEN --credits 20`. All flags of `kallyai-mcp` are there.

use clap::Parser;
use kallyai_mcp::Options;
use kallyai_sdk::Client;

#[derive(Parser)]
struct Arguments {
    base_url: String,
    token: String,
    #[command(flatten)]
    options: Options,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let Arguments {
        base_url,
        token,
        options,
    } = Arguments::parse();
    let builder = Client::builder()
        .base_url(base_url)
        .access_token(token)
        .user_agent("own-client/1");
    let client = options.client(builder)?;
    kallyai_mcp::serve(options, client).await?;
    Ok(())
}
