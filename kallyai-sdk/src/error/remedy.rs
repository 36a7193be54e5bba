//! What the user can do about an error.

use std::time::Duration;

use super::{Error, ErrorCode, ErrorKind, WasSent};

impl Error {
    /// What the user can do.
    pub fn remedy(&self) -> Option<String> {
        if let Some(remedy) = &self.0.remedy {
            return Some(remedy.clone());
        }
        if let Some(url) = self.upgrade_url().filter(|url| is_printable_link(url)) {
            return Some(format!("buy credits or upgrade: {url}"));
        }
        let known = self.retry_after().filter(|wait| *wait <= LONGEST_WAIT);
        if let (ErrorKind::RateLimit, Some(wait)) = (self.kind(), known) {
            return Some(format!("wait {} s, then try again", wait.as_secs()));
        }
        if let Some(remedy) = self.code().and_then(ErrorCode::remedy) {
            return Some(remedy.to_owned());
        }
        match (self.kind(), self.was_sent()) {
            _ if self.is_not_logged_in() => Some(
                "sign in with `kallyai login` or auth::CliLogin, or set KALLYAI_ACCESS_TOKEN"
                    .to_owned(),
            ),
            _ if self.is_reauth_required() => {
                Some("sign in again with `kallyai login` or auth::CliLogin".to_owned())
            }
            (ErrorKind::SignIn, WasSent::Yes) => Some("sign in again".to_owned()),
            (ErrorKind::RateLimit, _) => Some("wait, then try again".to_owned()),
            (ErrorKind::Transport | ErrorKind::Timeout, WasSent::No) => {
                Some("check the network and the base URL, then try again".to_owned())
            }
            _ if self.is_outcome_unknown() && self.may_have_acted() => {
                Some("it may have been done all the same: look before you send it again".to_owned())
            }
            _ => None,
        }
    }

    /// Whether the operation changes something, so that sending it twice could do it twice.
    fn may_have_acted(&self) -> bool {
        self.0
            .operation
            .is_none_or(|operation| operation.method != http::Method::GET)
    }
}

/// The longest wait that is worth telling somebody.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 60 * 60);

/// Whether a link may stand in a line for people: one of the vendor's own, in plain letters, with
/// nothing in it that could be a token or a number.
fn is_printable_link(link: &str) -> bool {
    let plain = link
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"-_./?=&:".contains(&b));
    let digits = link.bytes().filter(u8::is_ascii_digit).count();
    let host = url::Url::parse(link)
        .ok()
        .filter(|url| url.scheme() == "https");
    let host = host.as_ref().and_then(url::Url::host_str);
    plain
        && digits < 7
        && link.len() <= 200
        && host.is_some_and(|host| host == "kallyai.com" || host.ends_with(".kallyai.com"))
}
