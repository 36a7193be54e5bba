//! The server: a thread with a runtime of its own, so that dropping the handle ends every connection
//! and frees the port.

use std::future::IntoFuture;
use std::io;
use std::net::TcpListener;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::handler::Handler;
use axum::http::{HeaderValue, Response, header};
use axum::middleware::{self, Next};
use axum::routing::{any, get};
use tokio::runtime;
use tokio::sync::oneshot;

use crate::clock::http_date;
use crate::line::{Lines, Reset};
use crate::shared::Shared;
use crate::{control, dispatch, guard, page};

/// Around every request: who may ask at all, and in every answer the world's time, by which clients correct
/// their clocks. Whoever watches sees what the request has changed.
async fn frame(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response<Body> {
    let mut response = match guard::refuse(&request) {
        Some(refusal) => refusal,
        None => next.run(request).await,
    };
    shared.show();
    let now = shared.state().world.now();
    if let Ok(date) = HeaderValue::from_str(&http_date(now)) {
        response.headers_mut().insert(header::DATE, date);
    }
    response
}

/// All that is served. A request has its [`Reset`] for the information of its connection.
pub(crate) fn app(shared: Arc<Shared>) -> Router {
    let limit = DefaultBodyLimit::max(dispatch::BODY_LIMIT);
    // A service already: a handler would be made into one for every request.
    let api = dispatch::serve.layer(limit).with_state(Arc::clone(&shared));
    Router::new()
        .route("/", get(page::page).fallback(dispatch::serve).layer(limit))
        .nest("/_sandbox", control::router())
        .route("/_sandbox", any(control::nowhere))
        .route("/_sandbox/", any(control::nowhere))
        .fallback_service(api)
        .layer(middleware::from_fn_with_state(Arc::clone(&shared), frame))
        .with_state(shared)
}

/// Serves until it is told to stop, or until its handle is gone.
pub(crate) fn run(
    listener: TcpListener,
    shared: Arc<Shared>,
    ready: oneshot::Sender<io::Result<()>>,
    stopped: oneshot::Receiver<()>,
) {
    let runtime = match runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            // Who asked may have given up.
            let _ = ready.send(Err(error));
            return;
        }
    };
    runtime.block_on(async move {
        let listener = match tokio::net::TcpListener::from_std(listener) {
            Ok(listener) => listener,
            Err(error) => {
                let _ = ready.send(Err(error));
                return;
            }
        };
        let app = app(shared).into_make_service_with_connect_info::<Reset>();
        let _ = ready.send(Ok(()));
        tokio::select! {
            _ = axum::serve(Lines(listener), app).into_future() => {}
            _ = stopped => {}
        }
    });
    // Connections end with the runtime, in the middle of whatever they do; nobody waits for a journal
    // that is being written.
    runtime.shutdown_background();
}
