//! The page of web_login signs in, refuses, and takes no callback that is not its own.

#![allow(clippy::unwrap_used)]

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

/// The example while it runs.
struct Page {
    child: Child,
    url: String,
}

impl Page {
    fn start() -> Self {
        let mut child = Command::new(kallyai_examples::built("web_login").unwrap())
            .env_clear()
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        stdout.read_line(&mut line).unwrap();
        let url = line.trim_start_matches("Open").trim().to_owned();
        assert!(url.starts_with("http://127.0.0.1:"), "{line}");
        Self {
            child,
            url: url.trim_end_matches('/').to_owned(),
        }
    }

    fn get(&self, path: &str, cookie: Option<&str>) -> Answer {
        send("GET", &format!("{}{path}", self.url), cookie, "")
    }

    /// Begins, and decides on the page of the service; the cookie, and where the browser goes back to.
    fn decide(&self, decision: &str) -> (String, String) {
        let begun = self.get("/login", None);
        assert_eq!(begun.status, 303);
        let cookie = begun.cookie();
        let asked = send("GET", begun.location(), None, "");
        assert_eq!(asked.status, 302);
        let consent = asked.location();
        assert!(send("GET", consent, None, "").body.contains("<form"));
        let decided = send("POST", consent, None, &format!("decision={decision}"));
        assert_eq!(decided.status, 302);
        let back = decided.location().strip_prefix(self.url.as_str()).unwrap();
        assert!(back.starts_with("/callback?"), "{back}");
        (cookie, back.to_owned())
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

struct Answer {
    status: u16,
    headers: HashMap<String, String>,
    body: String,
}

impl Answer {
    fn location(&self) -> &str {
        self.headers.get("location").unwrap()
    }

    /// The cookie as a browser sends it back.
    fn cookie(&self) -> String {
        let set = self.headers.get("set-cookie").unwrap();
        assert!(set.contains("; HttpOnly; SameSite=Lax"), "{set}");
        set.split(';').next().unwrap().to_owned()
    }

    /// Whether it asks to sign in.
    fn asks(&self) -> bool {
        self.status == 200 && self.body.contains("href=\"/login\"")
    }
}

/// One request on a connection of its own; redirects are followed by hand.
fn send(method: &str, url: &str, cookie: Option<&str>, body: &str) -> Answer {
    let (host, path) = url
        .strip_prefix("http://")
        .and_then(|rest| rest.split_once('/'))
        .unwrap();
    let cookie = cookie.map_or_else(String::new, |cookie| format!("cookie: {cookie}\r\n"));
    let mut stream = TcpStream::connect(host).unwrap();
    write!(
        stream,
        "{method} /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n{cookie}\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1));
    Answer {
        status: status.and_then(|status| status.parse().ok()).unwrap(),
        headers: lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect(),
        body: body.to_owned(),
    }
}

#[test]
fn signs_in_shows_the_balance_and_signs_out() {
    let page = Page::start();
    let home = page.get("/", None);
    assert!(home.asks());
    for (name, value) in [
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
    ] {
        assert_eq!(home.headers.get(name).unwrap(), value);
    }

    let (cookie, back) = page.decide("approve");
    assert!(page.get("/", Some(&cookie)).asks());

    // Not from this browser, with another state, with two, and forged.
    assert_eq!(page.get(&back, None).status, 400);
    assert_eq!(page.get(&back, Some("session=x")).status, 400);
    for foreign in [
        back.replace("state=", "state=x"),
        format!("{back}&state=x"),
        "/callback".to_owned(),
        "/callback?error=access_denied&state=%3Cscript%3E".to_owned(),
    ] {
        let answer = page.get(&foreign, Some(&cookie));
        assert_eq!(answer.status, 400, "{foreign}");
        assert!(answer.body.contains("does not belong"), "{}", answer.body);
        assert!(!answer.body.contains("<script"), "{}", answer.body);
    }

    let done = page.get(&back, Some(&cookie));
    assert_eq!((done.status, done.location()), (303, "/"));
    let signed_in = done.cookie();
    assert_ne!(signed_in, cookie);
    let home = page.get("/", Some(&signed_in));
    assert_eq!(home.status, 200);
    assert!(home.body.contains("have 200 credits"), "{}", home.body);
    for answer in [&done, &home] {
        let shown = format!("{:?}{}", answer.headers, answer.body);
        assert!(
            !shown.contains("sbx_at_") && !shown.contains("sbx_rt_"),
            "{shown}"
        );
    }

    // The same callback again, and the cookie of before.
    for cookie in [&cookie, &signed_in] {
        let answer = page.get(&back, Some(cookie));
        assert_eq!(answer.status, 400);
        assert!(answer.body.contains("No sign-in"), "{}", answer.body);
    }
    assert!(page.get("/", Some(&cookie)).asks());
    assert!(!page.get("/", Some(&signed_in)).asks());

    let out = send(
        "POST",
        &format!("{}/logout", page.url),
        Some(&signed_in),
        "",
    );
    assert_eq!((out.status, out.location()), (303, "/"));
    assert!(page.get("/", Some(&signed_in)).asks());
}

#[test]
fn a_refusal_is_said() {
    let page = Page::start();
    let (cookie, back) = page.decide("refuse");
    let answer = page.get(&back, Some(&cookie));
    assert_eq!(answer.status, 200);
    assert!(answer.body.contains("You have refused"), "{}", answer.body);
    assert!(page.get("/", Some(&cookie)).asks());
}

#[test]
fn live_needs_a_client_id() {
    let output = Command::new(kallyai_examples::built("web_login").unwrap())
        .arg("--live")
        .env_clear()
        .output()
        .unwrap();
    assert!(!output.status.success());
    let complaints = String::from_utf8(output.stderr).unwrap();
    assert!(complaints.contains("KALLYAI_CLIENT_ID"), "{complaints}");
}
