//! What counts: flag, environment, configuration file, default.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use etcetera::BaseStrategy as _;
use kallyai_sdk::auth::FileStore;
use kallyai_sdk::place::FilePlaceLog;
use kallyai_sdk::{Client, ClientBuilder, Environment, Error};

use super::config::{self, Config, Profile};
use crate::run::Failure;
use crate::surface::Options;

const ACCESS_TOKEN: &str = "KALLYAI_ACCESS_TOKEN";
const BASE_URL: &str = "KALLYAI_BASE_URL";
const CLIENT_ID: &str = "KALLYAI_CLIENT_ID";
const CLIENT_SECRET: &str = "KALLYAI_CLIENT_SECRET";
const PROFILE: &str = "KALLYAI_PROFILE";
const TOKEN_FILE: &str = "KALLYAI_TOKEN_FILE";

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    Flag,
    Environment,
    File,
    Default,
}

impl Origin {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Flag => "flag",
            Self::Environment => "environment",
            Self::File => "configuration file",
            Self::Default => "default",
        }
    }
}

/// What counts for this run.
#[derive(Debug)]
pub(crate) struct Settings {
    profile: Option<(String, Origin)>,
    token_file: Option<(OsString, Origin)>,
    base_url: Option<(OsString, Origin)>,
    client_id: Option<(OsString, Origin)>,
    timeout: Option<(u64, Origin)>,
    /// Whether a token of the environment counts: not where a flag names an account.
    takes_access_token: bool,
    /// Whether the secret of the environment counts: not where its client is another.
    takes_client_secret: bool,
}

impl Settings {
    pub(crate) fn of(options: &Options) -> Result<Self, Failure> {
        let named = variable(config::VARIABLE);
        let config = match Self::file() {
            Some(path) => Config::read(&path, named.is_some())?,
            None => Config::default(),
        };
        let flag = options.profile.clone().map(|name| (name, Origin::Flag));
        let set = variable(PROFILE)
            .map(|name| utf8(PROFILE, name))
            .transpose()?
            .map(|name| (name, Origin::Environment));
        let written = config.profile.clone().map(|name| (name, Origin::File));
        let profile = flag.or(set).or(written);
        let of_profile = match &profile {
            None => config.common(),
            Some((name, _)) => {
                if !config.profiles.is_empty() && !config.profiles.contains_key(name) {
                    // A slip of the finger must not lead to another account or another service.
                    let known: Vec<&str> = config.profiles.keys().map(String::as_str).collect();
                    return Err(Failure::usage(
                        "there is no such profile in the configuration file",
                        format!(
                            "it has {}; a line [profiles.NAME] makes another",
                            known.join(", ")
                        ),
                    ));
                }
                // Where the file has no profiles an account needs no entry: its name is that of its tokens.
                let own = config.profiles.get(name).cloned().unwrap_or_default();
                Profile {
                    timeout: own.timeout.or(config.timeout()),
                    ..own
                }
            }
        };
        // What the entry of such a profile says counts before the environment, which may be about another account.
        let is_named = options.profile.is_some();
        let first = |flag, name, written| first(flag, name, written, is_named);
        let token_file = first(
            options.token_file.clone().map(OsString::from),
            TOKEN_FILE,
            of_profile.token_file.map(OsString::from),
        );
        let client_id = first(None, CLIENT_ID, of_profile.client_id.map(OsString::from));
        let is_own_client = matches!(client_id, Some((_, Origin::Environment)));
        Ok(Self {
            takes_access_token: options.token_file.is_none() && !is_named,
            takes_client_secret: is_own_client || variable(CLIENT_ID).is_none(),
            token_file: match (token_file, &profile) {
                (Some((_, Origin::Environment)), Some((name, origin @ Origin::Flag)))
                | (None, Some((name, origin))) => {
                    let store = FileStore::named(name).map_err(|_| no_profile(*origin))?;
                    Some((store.path().into(), Origin::Default))
                }
                (found, _) => found,
            },
            base_url: first(
                options.base_url.clone().map(OsString::from),
                BASE_URL,
                of_profile.base_url.map(OsString::from),
            ),
            client_id,
            timeout: options
                .timeout
                .map(|seconds| (seconds, Origin::Flag))
                .or(of_profile
                    .timeout
                    .map(|seconds| (seconds.get(), Origin::File))),
            profile,
        })
    }

    /// Where the configuration file is, or would be.
    pub(crate) fn file() -> Option<PathBuf> {
        Config::path(variable(config::VARIABLE))
    }

    /// What the library is told.
    pub(crate) fn environment(&self) -> Result<Environment, Error> {
        Environment::from_variables(|name| match name {
            ACCESS_TOKEN if !self.takes_access_token => None,
            CLIENT_SECRET if !self.takes_client_secret => None,
            TOKEN_FILE => value(self.token_file.as_ref()),
            BASE_URL => value(self.base_url.as_ref()),
            CLIENT_ID => value(self.client_id.as_ref()),
            _ => env::var_os(name),
        })
    }

    /// A client of whoever is signed in.
    pub(crate) fn client(&self) -> Result<Client, Error> {
        self.builder()?.build()
    }

    /// The same, of which the rest can be set.
    pub(crate) fn builder(&self) -> Result<ClientBuilder, Error> {
        let builder = ClientBuilder::from_environment(self.environment()?)?;
        Ok(self.finish(builder))
    }

    /// One for requests that are only shown.
    pub(crate) fn nobodys_client(&self) -> Result<Client, Error> {
        let environment = self.environment()?;
        self.finish(Client::builder().base_url(environment.base_url()))
            .build()
    }

    fn finish(&self, mut builder: ClientBuilder) -> ClientBuilder {
        if let Some((seconds, _)) = self.timeout {
            builder = builder.timeout(Duration::from_secs(seconds));
        }
        builder.user_agent(concat!("kallyai-cli/", env!("CARGO_PKG_VERSION")))
    }

    /// Where placed calls are written down, if there is a place.
    pub(crate) fn place_log() -> Option<FilePlaceLog> {
        let base = etcetera::choose_base_strategy().ok()?;
        let state = base.state_dir().unwrap_or_else(|| base.data_dir());
        let directory = state.join("kallyai");
        std::fs::create_dir_all(&directory).ok()?;
        Some(FilePlaceLog::at(directory.join("calls.log")))
    }

    /// Each value by its name, and where it comes from.
    pub(crate) fn rows(&self) -> Result<Vec<(&'static str, String, Origin)>, Error> {
        let environment = self.environment()?;
        let origin = |found: Option<&(OsString, Origin)>| found.map_or(Origin::Default, |f| f.1);
        // It refuses an address with a password, which is not to be shown.
        let store = environment.token_store().ok().flatten();
        let mut rows = Vec::new();
        if let Some((name, origin)) = &self.profile {
            rows.push(("profile", name.clone(), *origin));
        }
        let base_url = if self.nobodys_client().is_ok() {
            environment.base_url().to_owned()
        } else {
            // It can hold a password.
            "(not shown: it is no base URL)".to_owned()
        };
        rows.push(("base_url", base_url, origin(self.base_url.as_ref())));
        if environment.has_access_token() {
            let hidden = "(not shown)".to_owned();
            rows.push(("access_token", hidden, Origin::Environment));
        } else if let Some(store) = store {
            let path = store.path().display().to_string();
            rows.push(("token_file", path, origin(self.token_file.as_ref())));
        }
        if let Some(id) = environment.client_id() {
            rows.push(("client_id", id.to_owned(), origin(self.client_id.as_ref())));
        }
        if let Some((seconds, origin)) = self.timeout {
            rows.push(("timeout", seconds.to_string(), origin));
        }
        Ok(rows)
    }
}

fn variable(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}

fn no_profile(origin: Origin) -> Failure {
    Failure::usage(
        format!("the profile of the {} is no name", origin.as_str()),
        "use 1 to 64 letters, digits, _ and -",
    )
}

fn utf8(name: &'static str, value: OsString) -> Result<String, Failure> {
    value.into_string().map_err(|_| {
        Failure::usage(
            format!("{name} is not valid UTF-8"),
            "set it to a plain name",
        )
    })
}

fn first(
    flag: Option<OsString>,
    name: &str,
    written: Option<OsString>,
    is_written_first: bool,
) -> Option<(OsString, Origin)> {
    let flag = flag.map(|value| (value, Origin::Flag));
    let set = variable(name).map(|value| (value, Origin::Environment));
    let written = written.map(|value| (value, Origin::File));
    flag.or(if is_written_first {
        written.or(set)
    } else {
        set.or(written)
    })
}

fn value(found: Option<&(OsString, Origin)>) -> Option<OsString> {
    found.map(|(value, _)| value.clone())
}
