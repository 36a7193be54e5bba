//! What a valid token costs on a request.

fn main() {}
