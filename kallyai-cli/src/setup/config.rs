//! The configuration file.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Read as _;
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};
use std::{fmt, fs, io};

use etcetera::BaseStrategy as _;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// The variable that names the file.
pub(crate) const VARIABLE: &str = "KALLYAI_CONFIG";

/// What the file says. It holds no secrets.
#[derive(Debug, Default, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// The profile that counts where none is named.
    #[serde(default, deserialize_with = "filled")]
    pub(crate) profile: Option<String>,
    #[serde(default, deserialize_with = "filled")]
    base_url: Option<String>,
    #[serde(default, deserialize_with = "filled")]
    token_file: Option<PathBuf>,
    #[serde(default, deserialize_with = "filled")]
    client_id: Option<String>,
    timeout: Option<NonZeroU64>,
    /// Accounts by name.
    #[serde(default)]
    pub(crate) profiles: BTreeMap<String, Profile>,
}

/// An account.
#[derive(Debug, Default, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Profile {
    #[serde(default, deserialize_with = "filled")]
    pub(crate) base_url: Option<String>,
    #[serde(default, deserialize_with = "filled")]
    pub(crate) token_file: Option<PathBuf>,
    #[serde(default, deserialize_with = "filled")]
    pub(crate) client_id: Option<String>,
    /// In seconds.
    pub(crate) timeout: Option<NonZeroU64>,
}

/// Why the file says nothing.
#[derive(Debug)]
pub(crate) enum ConfigError {
    Unreadable(PathBuf, io::Error),
    /// What is wrong, and in which line.
    Wrong(PathBuf, String),
}

impl Config {
    /// Where the file is, or would be.
    pub(crate) fn path(variable: Option<OsString>) -> Option<PathBuf> {
        let named = variable.filter(|path| !path.is_empty()).map(PathBuf::from);
        named.or_else(|| {
            let base = etcetera::choose_base_strategy().ok()?;
            Some(base.config_dir().join("kallyai").join("config.toml"))
        })
    }

    /// Reads the file; one that is not there says nothing, unless it was named.
    pub(crate) fn read(path: &Path, named: bool) -> Result<Self, ConfigError> {
        let text = match text(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound && !named => {
                return Ok(Self::default());
            }
            Err(error) => return Err(ConfigError::Unreadable(path.to_owned(), error)),
        };
        Self::parse(&text).map_err(|why| ConfigError::Wrong(path.to_owned(), why))
    }

    /// What counts without a profile.
    pub(crate) fn common(&self) -> Profile {
        Profile {
            base_url: self.base_url.clone(),
            token_file: self.token_file.clone(),
            client_id: self.client_id.clone(),
            timeout: self.timeout,
        }
    }

    pub(crate) fn timeout(&self) -> Option<NonZeroU64> {
        self.timeout
    }

    fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| {
            // Without the line itself, which error.to_string() would show.
            let line = error
                .span()
                .and_then(|span| text.get(..span.start))
                .map(|before| before.matches('\n').count() + 1);
            let message = without_value(error.message().trim());
            match line {
                Some(line) => format!("line {line}: {message}"),
                None => message,
            }
        })
    }
}

/// More than this is no configuration.
const LONGEST: u64 = 1 << 20;

fn text(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    let read = fs::File::open(path)?
        .take(LONGEST + 1)
        .read_to_string(&mut text)?;
    if read as u64 > LONGEST {
        return Err(io::Error::other("it is larger than 1 MiB"));
    }
    Ok(text)
}

/// A value that says something: an empty one is a variable that was not there.
fn filled<'de, D: Deserializer<'de>, T>(from: D) -> Result<Option<T>, D::Error>
where
    T: From<String>,
{
    let text = String::deserialize(from)?;
    if text.is_empty() {
        return Err(D::Error::custom("it is empty"));
    }
    Ok(Some(text.into()))
}

/// What serde says of a value of another kind begins with the value.
fn without_value(message: &str) -> String {
    if !message.starts_with("invalid ") {
        return message.to_owned();
    }
    let expected = message
        .rsplit_once("expected ")
        .map(|(_, expected)| expected);
    let expected = match expected {
        Some("a nonzero u64") => "a whole number, 1 or more",
        Some("struct Profile") => "a table",
        Some(other) => other,
        None => return "it does not fit".to_owned(),
    };
    format!("it is not {expected}")
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(path, error) => write!(
                f,
                "the configuration file {} cannot be read: {error}",
                path.display()
            ),
            Self::Wrong(path, why) => {
                write!(
                    f,
                    "the configuration file {} is wrong: {why}",
                    path.display()
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_who_and_where() {
        let config = Config::parse(
            "profile = \"work\"\ntimeout = 20\n\
             [profiles.work]\nbase_url = \"http://127.0.0.1:8980\"\ntoken_file = \"/t.json\"\n",
        );
        let config = config.unwrap();
        assert_eq!(config.profile.as_deref(), Some("work"));
        assert_eq!(config.common().timeout, NonZeroU64::new(20));
        let work = &config.profiles["work"];
        assert_eq!(work.base_url.as_deref(), Some("http://127.0.0.1:8980"));
        assert_eq!(work.token_file, Some(PathBuf::from("/t.json")));
    }

    #[test]
    fn what_is_wrong_names_its_line_and_shows_no_value() {
        for (text, line) in [
            ("profile = 3", "line 1"),
            ("\n\nbase_url = \"hunter2", "line 3"),
            ("[profiles.work]\naccess_token = \"hunter2\"", "line 2"),
            ("access_token = \"hunter2\"", "line 1"),
            ("timeout = -1", "line 1"),
            ("\ntimeout = 0", "line 2"),
            ("\ntimeout = \"hunter2\"", "line 2"),
            ("[profiles]\nwork = \"hunter2, expected hunter2\"", "line 2"),
            ("profile = \"x\"\nbase_url = \"\"", "line 2: it is empty"),
            ("[profiles.work]\ntoken_file = \"\"", "line 2: it is empty"),
        ] {
            let why = Config::parse(text).unwrap_err();
            assert!(why.contains(line), "{text}: {why}");
            assert!(!why.contains("hunter2"), "{why}");
        }
    }
}
