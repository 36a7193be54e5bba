//! Asking whoever sits at the terminal.

use std::io::{self, BufRead, Write};

use tokio::sync::oneshot;

use super::{Output, clean};

/// What came of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Agreed {
    Yes,
    /// No, nothing, or the end of the input.
    No,
    /// Ctrl-C.
    Interrupted,
    /// Nobody can be asked.
    NotATerminal,
}

impl Output {
    /// Shows what is about to be done and asks whether to do it. Only a yes is one.
    ///
    /// The question stands on standard error, or on standard output where only that is a terminal; the answer is read
    /// from standard input, which must be one too.
    /// From now on Ctrl-C does not end this process by itself: whatever comes next has to listen for it.
    pub(crate) async fn confirm(&self, question: &[String]) -> Agreed {
        let around = &self.around;
        if !around.stdin_is_terminal || !(around.stderr_is_terminal || around.stdout_is_terminal) {
            return Agreed::NotATerminal;
        }
        let on_stderr = around.stderr_is_terminal;
        tokio::select! {
            // Ctrl-C is caught before the question is seen.
            biased;
            interrupted = tokio::signal::ctrl_c() => {
                // The next line begins below the question.
                let _ = writeln!(io::stderr());
                interrupted.map_or(Agreed::No, |()| Agreed::Interrupted)
            }
            agreed = asked(question, on_stderr) => agreed,
        }
    }
}

async fn asked(question: &[String], on_stderr: bool) -> Agreed {
    let shown = if on_stderr {
        ask(&mut io::stderr().lock(), question)
    } else {
        ask(&mut io::stdout().lock(), question)
    };
    if shown.is_err() {
        return Agreed::No;
    }
    let (answered, answer) = oneshot::channel();
    // A thread of its own: a runtime would wait at its end for one that still reads.
    let reading = std::thread::Builder::new().spawn(move || {
        // Whoever was interrupted does not listen any more.
        let _ = answered.send(read(&mut io::stdin().lock()));
    });
    match reading {
        Ok(_) => answer.await.unwrap_or(Agreed::No),
        Err(_) => Agreed::No,
    }
}

fn ask(out: &mut impl Write, question: &[String]) -> io::Result<()> {
    // What is in a line cannot look like another one.
    let lines = question.iter();
    let mut lines = lines
        .map(|line| clean::lines(line).replace('\n', " "))
        .peekable();
    while let Some(line) = lines.next() {
        match lines.peek() {
            Some(_) => writeln!(out, "{line}")?,
            None => write!(out, "{line} [y/N] ")?,
        }
    }
    out.flush()
}

fn read(input: &mut impl BufRead) -> Agreed {
    let mut line = String::new();
    match input.read_line(&mut line) {
        Ok(_) if is_yes(&line) => Agreed::Yes,
        _ => Agreed::No,
    }
}

fn is_yes(line: &str) -> bool {
    let line = line.trim();
    line.eq_ignore_ascii_case("y") || line.eq_ignore_ascii_case("yes")
}

#[cfg(test)]
mod tests {
    use super::super::Surroundings;
    use super::*;

    #[test]
    fn only_a_yes_is_one() {
        for line in ["y\n", "Yes\r\n", " YES", "y"] {
            assert_eq!(read(&mut line.as_bytes()), Agreed::Yes, "{line:?}");
        }
        for line in ["", "\n", "n\n", "yy\n", "yes please\n", "no\ny\n", "ja\n"] {
            assert_eq!(read(&mut line.as_bytes()), Agreed::No, "{line:?}");
        }
        assert_eq!(read(&mut &b"\xff\n"[..]), Agreed::No);
    }

    #[test]
    fn the_last_line_is_the_question() {
        let mut out = Vec::new();
        let lines = ["This calls\x1b[2J +1 202\n555 0143.", "Call?"].map(str::to_owned);
        ask(&mut out, &lines).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "This calls +1 202 555 0143.\nCall? [y/N] "
        );
    }

    #[tokio::test]
    async fn nobody_is_asked_in_a_pipe() {
        for (stdin_is_terminal, stderr_is_terminal) in [(false, true), (true, false)] {
            let around = Surroundings {
                stdin_is_terminal,
                stderr_is_terminal,
                ..Surroundings::default()
            };
            let agreed = Output::usual(around).confirm(&["Call?".to_owned()]).await;
            assert_eq!(agreed, Agreed::NotATerminal);
        }
    }
}
