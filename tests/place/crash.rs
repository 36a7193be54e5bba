//! A process that places calls through a log, and is killed again and again.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use kallyai_sandbox::Sandbox;
use kallyai_sdk::Client;
use kallyai_sdk::place::{FilePlaceLog, PlaceLog, Settled};
use kallyai_sdk::types::CallRequest;
use tempfile::TempDir;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

const CALLS: usize = 200;
const KILLS: usize = 50;
/// How many calls a process has under way.
const AT_ONCE: usize = 10;
/// How many calls a process begins of which nothing is written down yet: in every life there are new ones.
const NEW: usize = CALLS / KILLS;
/// Between two calls that a process begins.
const PACE: Duration = Duration::from_millis(3);
/// A process is killed after at most so many milliseconds of work.
const LONGEST_LIFE_MS: u64 = 30;
/// Its calls end by being cancelled, and cost nothing.
const NUMBER: &str = "+12025550105";

/// Names this executable's other part, in the environment.
const PROGRAM: &str = "KALLYAI_TEST_PLACES";
const SAYS: &str = "program: ";

fn key(call: usize) -> String {
    format!("call-{call:03}")
}

/// The process: it places what is not settled, as the environment says.
#[test]
#[ignore = "a part of other tests"]
fn places() {
    let Ok(life) = std::env::var(PROGRAM) else {
        return;
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(place_all(life.parse().unwrap()));
}

async fn place_all(life: usize) {
    let of = |name| std::env::var(name).unwrap();
    let kally = Client::builder()
        .base_url(of("BASE_URL"))
        .access_token(of("TOKEN"))
        .trust_idempotency_key(of("TRUSTS") == "true")
        .build()
        .unwrap();
    let log = Arc::new(FilePlaceLog::at(of("LOG")));
    let known: HashMap<String, Option<Settled>> = log
        .entries()
        .unwrap()
        .into_iter()
        .map(|entry| (entry.placement.key().to_owned(), entry.settled))
        .collect();
    let is_last = life == KILLS;
    let mut new = 0;
    say("placing");
    let room = Arc::new(Semaphore::new(AT_ONCE));
    let mut tasks = JoinSet::new();
    // In another order each time: what cannot be found does not keep the others waiting.
    for place in 0..CALLS {
        let call = (place * 37 + life * 61) % CALLS;
        match known.get(&key(call)) {
            Some(Some(_)) => continue,
            Some(None) => {}
            None if new == NEW && !is_last => continue,
            None => new += 1,
        }
        let permit = Arc::clone(&room).acquire_owned().await.unwrap();
        let task = format!("Ask about order {call}");
        let request = CallRequest::general(NUMBER.parse().unwrap(), task);
        let place = kally.calls().place(request);
        let place = place.idempotency_key(key(call)).log(Arc::clone(&log));
        tasks.spawn(async move {
            let placed = place.await.unwrap();
            // Where nobody knows, the log says so.
            let _ = placed.outcome().await;
            drop(permit);
        });
        tokio::time::sleep(PACE).await;
    }
    while let Some(task) = tasks.join_next().await {
        task.unwrap();
    }
    if is_last {
        return say("done");
    }
    // Its end comes from outside.
    std::future::pending::<()>().await;
}

fn say(words: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{SAYS}{words}").unwrap();
    out.flush().unwrap();
}

/// A world, and a log for it.
struct Scene {
    sandbox: Sandbox,
    trusts: bool,
    log: PathBuf,
    _directory: TempDir,
}

impl Scene {
    fn new(sandbox: Sandbox, trusts: bool) -> Self {
        let directory = tempfile::tempdir().unwrap();
        Self {
            sandbox,
            trusts,
            log: directory.path().join("calls.log"),
            _directory: directory,
        }
    }

    /// A process that has begun to place.
    fn process(&self, life: usize) -> (Child, impl Iterator<Item = String> + use<>) {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "crash::places", "--ignored", "--nocapture"])
            .env_clear()
            .env(PROGRAM, life.to_string())
            .env("BASE_URL", self.sandbox.base_url())
            .env("TOKEN", self.sandbox.access_token())
            .env("TRUSTS", self.trusts.to_string())
            .env("LOG", &self.log)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut said = lines
            .map_while(Result::ok)
            // The harness may have begun the line.
            .filter_map(|line| Some(line.split_once(SAYS)?.1.to_owned()));
        assert_eq!(said.next().as_deref(), Some("placing"));
        (child, said)
    }

    fn killed_again_and_again(&self) {
        for life in 0..KILLS {
            let (mut child, _said) = self.process(life);
            let moment = RandomState::new().build_hasher().finish() % (LONGEST_LIFE_MS * 1000);
            std::thread::sleep(Duration::from_micros(moment));
            child.kill().unwrap();
            let killed = child.wait().unwrap().signal();
            assert_eq!(killed, Some(9), "life {life} has ended by itself");
        }
    }

    fn to_the_end(&self) {
        let (mut child, mut said) = self.process(KILLS);
        assert_eq!(said.next().as_deref(), Some("done"));
        // What the harness says is read too: it ends well.
        said.for_each(drop);
        assert!(child.wait().unwrap().success());
    }

    /// The calls that were dialled, by key; none of them twice.
    fn dialled(&self) -> HashMap<String, String> {
        let mut dialled = HashMap::new();
        for call in self.sandbox.dialled() {
            let key = call.idempotency_key.unwrap();
            let before = dialled.insert(key.clone(), call.call_id);
            assert_eq!(before, None, "{key} was dialled twice");
        }
        dialled
    }

    /// What the log knows, by key; none of them lost.
    fn log(&self) -> HashMap<String, Option<Settled>> {
        let entries = FilePlaceLog::at(Path::new(&self.log)).entries().unwrap();
        let entries = entries.into_iter();
        let log: HashMap<_, _> = entries
            .map(|entry| (entry.placement.key().to_owned(), entry.settled))
            .collect();
        assert_eq!(log.len(), CALLS);
        assert!((0..CALLS).all(|call| log.contains_key(&key(call))));
        log
    }
}

async fn world(trusts: bool) -> Scene {
    let sandbox = Sandbox::builder()
        .ignore_idempotency(!trusts)
        .hide_active(!trusts)
        .call_seconds(0.05)
        .start()
        .await
        .unwrap();
    Scene::new(sandbox, trusts)
}

#[tokio::test(flavor = "multi_thread")]
async fn with_trusted_keys_every_call_is_dialled_exactly_once() {
    let scene = world(true).await;
    scene.killed_again_and_again();
    scene.to_the_end();
    let dialled = scene.dialled();
    assert_eq!(dialled.len(), CALLS);
    for (key, settled) in scene.log() {
        assert_eq!(
            settled,
            Some(Settled::Dialled(dialled[&key].clone())),
            "{key}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_unproven_keys_no_call_is_dialled_twice_and_none_is_lost() {
    let scene = world(false).await;
    scene.killed_again_and_again();
    scene.to_the_end();
    let dialled = scene.dialled();
    let mut open = 0;
    for (key, settled) in scene.log() {
        match settled {
            Some(Settled::Dialled(id)) => assert_eq!(dialled.get(&key), Some(&id), "{key}"),
            // Nobody knows, but it is written down; what was dialled has been found.
            None => {
                assert!(
                    !dialled.contains_key(&key),
                    "{key} was dialled, and not found"
                );
                open += 1;
            }
            Some(Settled::NotDialled) => panic!("{key} was refused"),
        }
    }
    assert_eq!(dialled.len() + open, CALLS);
    println!("{open} of {CALLS} were killed between writing down and sending");
}
