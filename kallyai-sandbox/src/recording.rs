//! The recordings: half a second of silence, so that a download has something to fetch.

use axum::body::Body;
use axum::http::{HeaderValue, Response, header};

/// The header of an MP3 frame: MPEG-1 layer III, 128 kbit/s, 44.1 kHz, stereo.
const FRAME_HEADER: [u8; 4] = [0xff, 0xfb, 0x90, 0x00];

/// 144 * 128000 / 44100, rounded down.
const FRAME_LENGTH: usize = 417;

/// Each frame lasts 26 ms.
const FRAMES: usize = 19;

pub(crate) fn response() -> Response<Body> {
    // Zeros behind the header decode to silence.
    let mut frame = FRAME_HEADER.to_vec();
    frame.resize(FRAME_LENGTH, 0);
    let mut response = Response::new(Body::from(frame.repeat(FRAMES)));
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("audio/mpeg"));
    response
}
