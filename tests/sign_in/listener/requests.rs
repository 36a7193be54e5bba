//! Requests that are not the callback, and what they are answered.

use super::{answers, begin, callback, exchange, finish, get, login, port, state, status};

#[tokio::test]
async fn row_08_no_forgery_ends_the_flow() {
    let pending = begin().await;
    let (port, state) = (port(&pending), state(&pending));
    // 256 bits in base64.
    assert!(state.len() >= 43, "{}", state.len());
    assert_ne!(state, super::state(&begin().await));
    let forged = [
        "/?error=access_denied".to_owned(),
        "/?error=access_denied&state=forged".to_owned(),
        "/?access_token=forged".to_owned(),
        "/?access_token=forged&state=".to_owned(),
        format!("/?access_token=forged&state={}", &state[1..]),
        format!("/?access_token=forged&state={state}x"),
        format!("/?access_token=forged&State={state}"),
        // Proven, but nothing that could be tokens.
        format!("/?state={state}"),
        format!("/?state={state}&access_token=a%0Ab"),
    ];
    let requests: Vec<_> = forged.iter().map(|target| get(port, target)).collect();
    for (answer, target) in answers(&pending, &requests).await.iter().zip(&forged) {
        assert_eq!(status(answer), "400", "{target}");
    }
    finish(&pending).await;
}

#[tokio::test]
async fn row_08_a_proven_refusal_ends_it() {
    let pending = begin().await;
    let target = format!("/?error=access_denied&state={}", state(&pending));
    let request = get(port(&pending), &target);
    let (outcome, answer) = tokio::join!(pending.wait(), exchange(port(&pending), request));
    let error = outcome.unwrap_err();
    assert!(error.is_sign_in());
    assert_eq!(error.code().unwrap().as_str(), "access_denied");
    assert!(error.to_string().contains("(access_denied)"), "{error}");
    assert!(answer.contains("You are not signed in"), "{answer}");
}

#[tokio::test]
async fn row_12_only_get_on_the_path_with_the_host() {
    let pending = login().path("/callback").begin().await.unwrap();
    let (port, query) = (port(&pending), callback(&pending));
    let host = format!("Host: 127.0.0.1:{port}");
    let line = |line: String, headers: &str| format!("{line} HTTP/1.1\r\n{headers}\r\n\r\n");
    let target = format!("GET /callback?{query}");
    let mut matrix = vec![
        ("404", line("GET /favicon.ico".into(), &host)),
        ("404", line(format!("GET /?{query}"), &host)),
        ("404", line(format!("GET /callback/?{query}"), &host)),
        ("404", line(format!("GET /Callback?{query}"), &host)),
        ("404", line(format!("GET //callback?{query}"), &host)),
        ("404", line(format!("GET /%63allback?{query}"), &host)),
        ("404", line(format!("GET /x/../callback?{query}"), &host)),
        ("404", line(format!("POST /elsewhere?{query}"), &host)),
        // A preflight, and everything else that is not a GET.
        (
            "405",
            line(
                format!("OPTIONS /callback?{query}"),
                &format!(
                    "{host}\r\nOrigin: https://evil.example\r\nAccess-Control-Request-Method: GET"
                ),
            ),
        ),
        (
            "421",
            line(
                format!("GET http://127.0.0.1:{port}/callback?{query}"),
                &host,
            ),
        ),
        (
            "421",
            line(format!("GET http://evil.example/callback?{query}"), &host),
        ),
        ("421", line(target.clone(), "Accept: */*")),
        ("421", line(target.clone(), &format!("{host}\r\n{host}"))),
        (
            "421",
            line(target.clone(), &format!("Host: 127.0.0.1\r\n{host}")),
        ),
        ("400", line(format!("GET /callback?{query} x"), &host)),
        ("400", "\r\n\r\nnonsense\r\n\r\n".to_owned()),
    ];
    for method in [
        "HEAD", "POST", "PUT", "DELETE", "PATCH", "TRACE", "get", "QUERY",
    ] {
        matrix.push(("405", line(format!("{method} /callback?{query}"), &host)));
    }
    for wrong in [
        "127.0.0.1".to_owned(),
        format!("localhost:{port}"),
        format!("127.0.0.1:{port}0"),
        format!("127.1:{port}"),
        format!("[::1]:{port}"),
        format!("evil.example:{port}"),
        format!("x@127.0.0.1:{port}"),
        format!("127.0.0.1:{port}, evil.example"),
        String::new(),
    ] {
        matrix.push(("421", line(target.clone(), &format!("Host: {wrong}"))));
    }
    // Asked for without being wanted yet: nobody would see the page.
    for mark in [
        "Sec-Purpose: prefetch",
        "Sec-Purpose: prefetch;prerender",
        "Purpose: prefetch",
        "X-Moz: prefetch",
        "X-Purpose: preview",
    ] {
        matrix.push(("404", line(target.clone(), &format!("{host}\r\n{mark}"))));
    }
    let requests: Vec<_> = matrix.iter().map(|(_, request)| request.clone()).collect();
    for (answer, (expected, request)) in answers(&pending, &requests).await.iter().zip(&matrix) {
        assert_eq!(status(answer), *expected, "{request}\n{answer}");
        let allow = answer.contains("\r\nallow: GET\r\n");
        assert_eq!(allow, *expected == "405", "{request}\n{answer}");
        assert!(!answer.contains("access-control"), "{answer}");
    }
    // And the real one all the same.
    let (tokens, answer) = tokio::join!(pending.wait(), exchange(port, line(target, &host)));
    tokens.unwrap();
    assert_eq!(status(&answer), "200");
}

#[tokio::test]
async fn row_13_repeated_parameters_are_refused() {
    let pending = begin().await;
    let (port, state, query) = (port(&pending), state(&pending), callback(&pending));
    let requests = [
        format!("/?{query}&state={state}"),
        format!("/?state=forged&{query}"),
        format!("/?{query}&access_token=other"),
        format!("/?{query}&access%5Ftoken=other"),
        format!("/?{query}&refresh_token="),
        format!("/?error=x&state={state}&error=y"),
    ]
    .map(|target| get(port, &target));
    for (answer, request) in answers(&pending, &requests).await.iter().zip(&requests) {
        assert_eq!(status(answer), "400", "{request}");
    }
    finish(&pending).await;
}

#[tokio::test]
async fn row_14_nothing_of_the_request_is_reflected() {
    let pending = begin().await;
    let (port, state) = (port(&pending), state(&pending));
    let script = "%3Cscript%3Ecanary%3C/script%3E";
    let requests = [
        format!("/{script}?x={script}"),
        format!("/<canary>?access_token=canary&state={script}"),
        format!("/?access_token=canary%1B[31m&state={state}"),
        format!("/?canary={script}&error={script}&error_description={script}"),
    ]
    .map(|target| {
        get(port, &target).replace(
            "\r\n\r\n",
            "\r\nReferer: https://canary/\r\nCookie: canary\r\n\r\n",
        )
    });
    for (answer, request) in answers(&pending, &requests).await.iter().zip(&requests) {
        assert!(status(answer).starts_with('4'), "{answer}");
        for part in [
            "canary",
            "\u{1b}",
            state.as_str(),
            "set-cookie",
            "location: ",
        ] {
            assert!(!answer.contains(part), "{request}\n{answer}");
        }
    }
    // What is printed is tame, too, and there is no hint of a code that is none.
    let target = format!("/?state={state}&error=%1B[31m%07{script}&error_description=canary");
    let (outcome, answer) = tokio::join!(pending.wait(), exchange(port, get(port, &target)));
    assert!(
        answer.contains("You are not signed in") && !answer.contains("canary"),
        "{answer}"
    );
    let error = outcome.unwrap_err();
    let shown = format!("{error} {error:?}");
    assert!(
        !shown.contains("canary") && !shown.contains('\u{1b}'),
        "{shown}"
    );
    assert!(!error.code().unwrap().as_str().contains('\u{1b}'));
}

#[tokio::test]
async fn row_15_every_page_says_how_to_treat_it() {
    let pending = begin().await;
    let (port, query) = (port(&pending), callback(&pending));
    let requests = [
        get(port, "/?x"),
        get(port, "/favicon.ico"),
        get(port + 1, "/"),
        get(port, "/").replace("GET", "POST"),
    ];
    let mut pages = answers(&pending, &requests).await;
    let (tokens, done) = tokio::join!(
        pending.wait(),
        exchange(port, get(port, &format!("/?{query}")))
    );
    tokens.unwrap();
    pages.push(done);
    for page in &pages {
        let (head, body) = page.split_once("\r\n\r\n").unwrap();
        for header in [
            "content-type: text/html; charset=utf-8",
            "cache-control: no-store",
            "referrer-policy: no-referrer",
            "x-content-type-options: nosniff",
            "connection: close",
        ] {
            assert!(head.contains(header), "{header} is missing in {head}");
        }
        let policy = head
            .lines()
            .find_map(|line| line.strip_prefix("content-security-policy: "));
        let policy: Vec<_> = policy.unwrap().split("; ").collect();
        for directive in [
            "default-src 'none'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'none'",
        ] {
            assert!(policy.contains(&directive), "{policy:?}");
        }
        assert!(
            policy
                .iter()
                .any(|it| it.starts_with("script-src 'sha256-") && !it.contains("unsafe"))
        );
        assert_eq!(body.matches("<script>").count(), 1);
        assert!(
            body.contains(r#"<script>history.replaceState(null,"",location.pathname)</script>"#)
        );
    }
    let bodies: std::collections::BTreeSet<_> = pages
        .iter()
        .map(|page| page.split_once("\r\n\r\n").unwrap().1)
        .collect();
    assert_eq!(bodies.len(), 2);
}
