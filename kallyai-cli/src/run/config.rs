//! What counts, and where it comes from.

use serde_json::json;

use super::{Failure, Session};
use crate::output::{Exit, Hints, Output};
use crate::setup::Settings;
use crate::surface::own::{Config, ConfigAction};

pub(crate) fn run(session: &Session, config: &Config) -> Result<Exit, Failure> {
    match config.action {
        ConfigAction::Path => {
            let Some(path) = Settings::file() else {
                return Err(Failure::usage(
                    "there is no home directory",
                    "name the file with KALLYAI_CONFIG",
                ));
            };
            Output::lines(&path.display().to_string())?;
        }
        ConfigAction::Show => {
            let rows = session.settings()?.rows()?;
            let rows: Vec<_> = rows
                .into_iter()
                .map(|(name, value, origin)| {
                    json!({ "name": name, "value": value, "from": origin.as_str() })
                })
                .collect();
            let hints = Hints {
                noun: Some("settings"),
                items: Some("settings"),
                columns: &["name", "value", "from"],
                ..Hints::default()
            };
            let body = json!({ "settings": rows }).to_string();
            session.output.answer(&hints, body.as_bytes())?;
        }
    }
    Ok(Exit::Done)
}
