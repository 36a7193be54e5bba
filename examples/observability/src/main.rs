//! Sends the library's spans to an OpenTelemetry collector, as OTLP over HTTP, in JSON.
//!
//! `cargo run --manifest-path examples/observability/Cargo.toml` needs neither an account nor a collector: the API is
//! the sandbox, and the collector a small server on loopback that prints what it gets. With
//! `OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318` the spans go to a real one.

use std::error::Error;
use std::sync::mpsc::{Sender, channel};

use axum::routing::post;
use axum::{Json, Router};
use kallyai_sandbox::{Fault, FaultKind, Sandbox};
use kallyai_sdk::Client;
use kallyai_sdk::types::CallRequest;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig};
use opentelemetry_sdk::trace::SdkTracerProvider;
use serde_json::{Value, json};
use tracing_subscriber::prelude::*;

const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // The exporter has an HTTP client of its own, which asks for a provider.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (heard, spans) = channel();
    let mut exporter = SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpJson);
    let watched = std::env::var_os(ENDPOINT).is_none();
    if watched {
        exporter = exporter.with_endpoint(collector(heard).await?);
    }
    let exporter = exporter.build()?;
    let provider = SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("restaurant"));
    tracing_subscriber::registry().with(layer).init();

    work().await?;

    // What is still kept is sent; it blocks.
    tokio::task::spawn_blocking(move || provider.shutdown()).await??;
    if watched {
        for span in spans.try_iter() {
            println!("{span}");
        }
    }
    Ok(())
}

/// A read that fails once, and a call.
async fn work() -> Result<(), Box<dyn Error>> {
    let sandbox = Sandbox::builder().call_seconds(0.0).start().await?;
    let kally = Client::builder()
        .base_url(sandbox.base_url())
        .access_token(sandbox.access_token())
        .build()?;
    let down = FaultKind::ServerError { status: 503 };
    sandbox.inject(Fault::on("credits_balance", down).times(1));
    kally.credits().balance().await?;
    let request = CallRequest::restaurant("+12025550199".parse()?, "Reserve a table for 4");
    kally.calls().create(request).await?;
    Ok(())
}

/// A collector that says what it has heard, a line a span.
async fn collector(heard: Sender<String>) -> Result<String, Box<dyn Error>> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let endpoint = format!("http://{}/v1/traces", listener.local_addr()?);
    let hear = move |Json(body): Json<Value>| async move {
        for span in find(&body, "spans") {
            let _ = heard.send(line(span));
        }
        Json(json!({}))
    };
    let router = Router::new().route("/v1/traces", post(hear));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(endpoint)
}

/// The entries of all lists of this name.
fn find<'a>(value: &'a Value, name: &str) -> Vec<&'a Value> {
    match value {
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(key, value)| match value {
                Value::Array(entries) if key == name => entries.iter().collect(),
                other => find(other, name),
            })
            .collect(),
        Value::Array(entries) => entries.iter().flat_map(|entry| find(entry, name)).collect(),
        _ => Vec::new(),
    }
}

/// A span's name and those of its attributes that are the library's.
fn line(span: &Value) -> String {
    let mut line = span["name"].as_str().unwrap_or_default().to_owned();
    let mut attributes: Vec<String> = find(span, "attributes")
        .into_iter()
        .filter_map(|attribute| {
            let key = attribute["key"].as_str()?;
            let known = ["kallyai.", "http.", "url.", "error."];
            if !known.iter().any(|prefix| key.starts_with(prefix)) {
                return None;
            }
            let value = attribute["value"].as_object()?.values().next()?;
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            Some(format!("{key}={text}"))
        })
        .collect();
    attributes.sort();
    for attribute in attributes {
        line += "  ";
        line += &attribute;
    }
    line
}
