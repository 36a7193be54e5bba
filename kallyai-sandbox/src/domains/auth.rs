//! Signing in: the flow for commands, the authorization code flow with PKCE, and refreshing.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use sha2::{Digest, Sha256};
use url::Url;

use super::{Context, Fidelity, Handler, Reply};
use crate::request::Request;
use crate::wire::Answer;
use crate::world::sign_in::{Asked, Flow, Worth};
use crate::world::tokens::{Grant, Holder, Issued, Rotation};

pub(super) const HANDLERS: &[Handler] = &[
    Handler::new("auth_cli_authorize", Fidelity::Documented, cli),
    Handler::new("auth_authorize", Fidelity::Documented, authorize),
    Handler::new("auth_exchange_token", Fidelity::Documented, exchange),
    Handler::new("auth_refresh_token", Fidelity::Documented, refresh_program),
    Handler::new("auth_validate_google_token", Fidelity::Assumed, google),
    Handler::new("auth_exchange_apple_token", Fidelity::Assumed, apple),
];

fn cli(context: &mut Context<'_>, request: &Request) -> Reply {
    let redirect_uri = request.query("redirect_uri").unwrap_or_default();
    if !is_loopback(redirect_uri) {
        return invalid("query/redirect_uri: only http on localhost and 127.0.0.1 is allowed");
    }
    ask(
        context,
        Asked {
            redirect_uri: redirect_uri.to_owned(),
            state: request.query("state").map(str::to_owned),
            flow: Flow::Cli,
        },
    )
}

fn authorize(context: &mut Context<'_>, request: &Request) -> Reply {
    let client_id = request.query("client_id").unwrap_or_default();
    let redirect_uri = request.query("redirect_uri").unwrap_or_default();
    // A wrong client or address must not be sent anywhere (RFC 6749, section 4.1.2.1).
    if client_id != context.world.credentials.client_id {
        return invalid("query/client_id: is not known");
    }
    if !is_address(redirect_uri) {
        return invalid("query/redirect_uri: is not an absolute http or https address");
    }
    let known = context.catalogue.scopes();
    let scopes: Vec<String> = match request.query("scope").map(str::trim) {
        None | Some("") => known.clone(),
        Some(scope) => scope
            .split_whitespace()
            .map(|scope| scope.replace('.', ":"))
            .collect(),
    };
    let asked = Asked {
        redirect_uri: redirect_uri.to_owned(),
        state: request.query("state").map(str::to_owned),
        flow: Flow::Code {
            client_id: client_id.to_owned(),
            challenge: request.query("code_challenge").map(str::to_owned),
            scopes,
        },
    };
    match &asked.flow {
        Flow::Code { scopes, .. } if scopes.iter().any(|scope| !known.contains(scope)) => {
            back(&asked, &[("error", "invalid_scope")])
        }
        // RFC 7636: a challenge without method means plain, which is refused here.
        Flow::Code {
            challenge: Some(_), ..
        } if request.query("code_challenge_method") != Some("S256") => {
            back(&asked, &[("error", "invalid_request")])
        }
        Flow::Code {
            challenge: Some(challenge),
            ..
        } if !is_challenge(challenge) => back(&asked, &[("error", "invalid_request")]),
        _ => ask(context, asked),
    }
}

/// On to the page that asks the user, or straight back when that is approved beforehand.
fn ask(context: &mut Context<'_>, asked: Asked) -> Reply {
    if context.settings.auto_approve {
        return approve(context, &asked).into();
    }
    let ticket = context.world.sign_ins.ask(&mut context.world.ids, asked);
    Answer::redirect(&format!("{}/_sandbox/consent/{ticket}", context.base_url)).into()
}

/// What the user has decided on the page; nothing when the ticket is not known.
pub(crate) fn decide(context: &mut Context<'_>, ticket: &str, approved: bool) -> Option<Answer> {
    let asked = context.world.sign_ins.decided(ticket)?;
    Some(if approved {
        approve(context, &asked)
    } else {
        redirect_back(&asked, &[("error", "access_denied")])
    })
}

fn approve(context: &mut Context<'_>, asked: &Asked) -> Answer {
    let world = &mut *context.world;
    match &asked.flow {
        Flow::Cli => {
            let scopes = context.catalogue.scopes();
            let grant = Grant::new(Holder::Program, scopes);
            let issued = world.tokens.issue(&mut world.ids, grant, context.now);
            redirect_back(
                asked,
                &[
                    ("access_token", &issued.access_token),
                    ("refresh_token", &issued.refresh_token),
                    ("expires_in", &issued.expires_in.to_string()),
                ],
            )
        }
        Flow::Code {
            client_id,
            scopes,
            challenge,
        } => {
            let code = world.sign_ins.issue_code(
                &mut world.ids,
                client_id.clone(),
                asked.redirect_uri.clone(),
                scopes.clone(),
                challenge.clone(),
                context.now,
            );
            redirect_back(asked, &[("code", &code)])
        }
    }
}

fn back(asked: &Asked, parameters: &[(&str, &str)]) -> Reply {
    redirect_back(asked, parameters).into()
}

fn redirect_back(asked: &Asked, parameters: &[(&str, &str)]) -> Answer {
    // It was parsed when it was asked.
    let Ok(mut address) = Url::parse(&asked.redirect_uri) else {
        return Answer::error(400, "validation_error", "The redirect_uri is not valid.");
    };
    let state = asked.state.as_deref().map(|state| ("state", state));
    address
        .query_pairs_mut()
        .extend_pairs(parameters.iter().copied().chain(state));
    Answer::redirect(address.as_str())
}

fn exchange(context: &mut Context<'_>, request: &Request) -> Reply {
    let credentials = &context.world.credentials;
    let secret = request.field("client_secret");
    if request.field("client_id") != Some(&credentials.client_id)
        || secret.is_some_and(|secret| secret != credentials.client_secret)
    {
        return Answer::error(401, "invalid_client", "The client is not known.").into();
    }
    let client = Holder::Client {
        id: credentials.client_id.clone(),
        with_secret: secret.is_some(),
    };
    if request.field("grant_type") == Some("refresh_token") {
        return refresh(context, request, &client);
    }
    let world = &mut *context.world;
    let sent = request.field("code").unwrap_or_default();
    let code = match world.sign_ins.take_code(sent, context.now) {
        Worth::Good(code) => code,
        Worth::Spent(family) => {
            // Two have it, and one of them is a thief (RFC 6749, section 4.1.2).
            if let Some(family) = family {
                world.tokens.revoke(family);
            }
            return invalid_grant(400, "The code was used before.");
        }
        Worth::Unknown => return invalid_grant(400, "The code is not valid."),
    };
    if request.field("client_id") != Some(&code.client_id) {
        return invalid_grant(400, "The code belongs to another client.");
    }
    if request.field("redirect_uri") != Some(&code.redirect_uri) {
        return invalid_grant(400, "The redirect_uri is not the one of the authorization.");
    }
    match (&code.challenge, request.field("code_verifier")) {
        (Some(challenge), Some(verifier)) if *challenge == s256(verifier) => {}
        (None, None) if secret.is_some() => {}
        (None, None) => {
            return Answer::error(
                401,
                "invalid_client",
                "Without PKCE the client secret is needed.",
            )
            .into();
        }
        _ => return invalid_grant(400, "The code_verifier does not fit the code_challenge."),
    }
    let grant = Grant::new(client, code.scopes);
    let issued = world.tokens.issue(&mut world.ids, grant, context.now);
    world.sign_ins.exchanged(sent, issued.family);
    token_response(&issued, true)
}

fn refresh_program(context: &mut Context<'_>, request: &Request) -> Reply {
    refresh(context, request, &Holder::Program)
}

fn refresh(context: &mut Context<'_>, request: &Request, asking: &Holder) -> Reply {
    let settings = context.settings;
    let rotation = match (settings.keep_refresh_token, settings.strict_rotation) {
        (true, _) => Rotation::Keep,
        (false, true) => Rotation::Strict,
        (false, false) => Rotation::Lax,
    };
    let world = &mut *context.world;
    let issued = world.tokens.refresh(
        request.field("refresh_token").unwrap_or_default(),
        asking,
        rotation,
        &mut world.ids,
        context.now,
    );
    match issued {
        Some(issued) => token_response(&issued, rotation != Rotation::Keep),
        None => invalid_grant(401, "The refresh token is not valid, or was used before."),
    }
}

fn google(context: &mut Context<'_>, request: &Request) -> Reply {
    signed_in(context, request.field("id_token").unwrap_or_default())
}

fn apple(context: &mut Context<'_>, request: &Request) -> Reply {
    let token = request.field("identity_token").unwrap_or_default();
    let code = request.field("authorization_code").unwrap_or_default();
    if is_invalid(code) || !context.world.sign_ins.take_apple_code(code) {
        return context.error("token_expired").into();
    }
    signed_in(context, token)
}

/// No Google and no Apple is asked: any token is good that does not say of itself that it is not.
fn signed_in(context: &mut Context<'_>, token: &str) -> Reply {
    if is_invalid(token) {
        return context.error("token_expired").into();
    }
    let world = &mut *context.world;
    let grant = Grant::new(Holder::Program, context.catalogue.scopes());
    token_response(
        &world.tokens.issue(&mut world.ids, grant, context.now),
        true,
    )
}

fn is_invalid(token: &str) -> bool {
    token.starts_with("invalid")
}

/// Like the published example, without `token_type`.
fn token_response(issued: &Issued, with_refresh_token: bool) -> Reply {
    let mut body = json!({
        "access_token": issued.access_token,
        "expires_in": issued.expires_in,
        "scope": issued.scopes.join(" "),
    });
    if let Some(fields) = body.as_object_mut().filter(|_| with_refresh_token) {
        let token = issued.refresh_token.as_str().into();
        fields.insert("refresh_token".to_owned(), token);
    }
    Answer::ok(body).into()
}

fn invalid(reason: &str) -> Reply {
    Answer::error(400, "validation_error", "The request is not valid.")
        .with_reason(reason)
        .into()
}

fn invalid_grant(status: u16, message: &str) -> Reply {
    Answer::error(status, "invalid_grant", message).into()
}

fn s256(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
}

/// A SHA-256 in base64 without padding (RFC 7636, section 4.2).
fn is_challenge(text: &str) -> bool {
    text.len() == 43
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

/// The host as it was written: other ways to write it are not what the service takes.
fn host(address: &str) -> Option<&str> {
    let authority = address
        .strip_prefix("http://")?
        .split(['/', '\\', '?', '#'])
        .next()?;
    Some(
        authority
            .rsplit_once(':')
            .map_or(authority, |(host, _)| host),
    )
}

fn is_loopback(address: &str) -> bool {
    is_address(address) && matches!(host(address), Some("localhost" | "127.0.0.1"))
}

fn is_address(address: &str) -> bool {
    Url::parse(address).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.fragment().is_none()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_rfc_7636() {
        assert_eq!(
            s256("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    #[test]
    fn only_loopback_gets_tokens() {
        for address in ["http://127.0.0.1:8740", "http://localhost:8976/callback"] {
            assert!(is_loopback(address), "{address}");
        }
        for address in [
            "https://127.0.0.1:1/",
            "http://127.0.0.1.example.com/",
            "http://localhost@example.com/",
            "http://user@localhost/",
            "http://[::1]:1/",
            "http://127.1:8/",
            "http://2130706433/",
            "http://example.com/",
            "http://localhost/#x",
            "javascript:alert(1)",
            "localhost",
        ] {
            assert!(!is_loopback(address), "{address}");
        }
    }
}
