//! What goes on, while it goes on: on a terminal's standard error, and nowhere else.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{Output, Surroundings, clean};

/// A state and the time that has gone by. It is gone when it is finished or dropped.
#[derive(Debug)]
pub(crate) struct Spinner {
    bar: ProgressBar,
}

impl Output {
    /// Begins to show what goes on.
    pub(crate) fn spinner(&self, state: &str) -> Spinner {
        let target = if moves(&self.around) {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let color = self.around.has_color(self.around.stderr_is_terminal);
        let spinner = Spinner::on(target, color);
        spinner.set_state(state);
        spinner
    }
}

/// Whether somebody watches, on something on which a line can be drawn again.
fn moves(around: &Surroundings) -> bool {
    around.stderr_is_terminal && !around.is_dumb && !around.is_ci
}

impl Spinner {
    fn on(target: ProgressDrawTarget, color: bool) -> Self {
        let bar = ProgressBar::with_draw_target(None, target);
        let template = if color {
            "{spinner:.cyan} {msg} {elapsed:.dim}"
        } else {
            "{spinner} {msg} {elapsed}"
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        // What is not shown needs no thread.
        if !bar.is_hidden() {
            bar.enable_steady_tick(Duration::from_millis(100));
        }
        Self { bar }
    }

    /// What goes on now.
    pub(crate) fn set_state(&self, state: &str) {
        self.bar.set_message(clean::line(state));
    }

    /// Prints something above it.
    pub(crate) fn above(&self, print: impl FnOnce()) {
        self.bar.suspend(print);
    }

    /// Takes it away, where something else is to be said before it is dropped.
    pub(crate) fn hide(&self) {
        self.bar.finish_and_clear();
    }

    /// Takes it away.
    pub(crate) fn finish(self) {
        self.bar.finish_and_clear();
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WATCHED: Surroundings = Surroundings {
        stdin_is_terminal: false,
        stdout_is_terminal: false,
        stderr_is_terminal: true,
        width: None,
        no_color: false,
        is_dumb: false,
        is_ci: false,
    };

    #[test]
    fn it_moves_only_where_somebody_watches() {
        assert!(moves(&WATCHED));
        let unwatched = [
            Surroundings {
                stderr_is_terminal: false,
                ..WATCHED
            },
            Surroundings {
                is_dumb: true,
                ..WATCHED
            },
            Surroundings {
                is_ci: true,
                ..WATCHED
            },
        ];
        for around in unwatched {
            assert!(!moves(&around), "{around:?}");
            assert!(Output::usual(around).spinner("dialling").bar.is_hidden());
        }
    }

    #[test]
    fn states_are_shown_clean() {
        let spinner = Output::usual(Surroundings::default()).spinner("dialling");
        assert_eq!(spinner.bar.message(), "dialling");
        spinner.set_state("in\x1b[2J progress\n");
        assert_eq!(spinner.bar.message(), "in progress");
        let bar = spinner.bar.clone();
        spinner.finish();
        assert!(bar.is_finished());
    }
}
