// Shows each picture of the world as it comes. Whatever is said or written in the world is put in as text.

const byId = (id) => document.getElementById(id);

function element(tag, name = "", text = "") {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text) made.textContent = text;
  return made;
}

/// Only what differs is touched: what is marked or read aloud stays so.
function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/// Brings the children of a list in line with what it is to show, and keeps those that it knows.
function keep(list, items, key, make, update) {
  const known = new Map([...list.children].map((child) => [child.dataset.key, child]));
  let place = list.firstElementChild;
  for (const item of items) {
    const id = String(key(item));
    let child = known.get(id);
    known.delete(id);
    if (!child) {
      child = make(item);
      child.dataset.key = id;
    }
    update(child, item);
    if (child === place) place = place.nextElementSibling;
    else list.insertBefore(child, place);
  }
  for (const child of known.values()) child.remove();
}

/// The list of a section, or the words that stand for none.
function fill(section, items, key, make, update) {
  const list = byId(section).querySelector(".list");
  keep(list, items, key, make, update);
  list.hidden = items.length === 0;
  byId(section).querySelector(".empty").hidden = items.length > 0;
}

const words = (name) => name.replaceAll("_", " ");

function showTime(node, stamp) {
  node.dateTime = stamp;
  node.title = stamp;
  say(node, stamp.slice(11, 19));
}

// Calls.

const BAD = ["failed", "no_answer", "busy", "cancelled", "terminated", "missed", "rejected"];

function makeCall(call) {
  const card = element("details");
  card.open = !call.is_over || byId("calls").querySelector("details") === null;
  const head = element("summary");
  head.append(
    element("span", "way quiet", call.direction === "in" ? "from" : "to"),
    element("span", "number"),
    element("span", "name"),
    element("span", "badge"),
    element("time"),
  );
  const inside = element("div", "inside");
  const said = element("ol", "transcript");
  said.setAttribute("role", "log");
  said.setAttribute("aria-label", `What is said in the call ${call.direction === "in" ? "from" : "to"} ${call.number}`);
  inside.append(element("p", "task"), said, element("p", "note quiet"));
  card.append(head, inside);
  return card;
}

function updateCall(card, call) {
  const part = (name) => card.querySelector(`.${name}`);
  say(part("number"), call.number);
  say(part("name"), call.is_vip ? "VIP" : call.name ?? "");
  part("name").hidden = part("name").textContent === "";
  const badge = part("badge");
  say(badge, words(call.status));
  badge.classList.toggle("live", !call.is_over);
  badge.classList.toggle("bad", call.is_over && BAD.includes(call.status));
  showTime(card.querySelector("summary time"), call.at);
  say(part("task"), call.task ?? "");
  part("task").hidden = !call.task;
  const notes = [];
  if (call.transferred_to) notes.push(`Transferred to ${call.transferred_to}.`);
  if (call.ended_at) notes.push(`Ended at ${call.ended_at.slice(11, 19)}.`);
  if (call.credits) notes.push(`${call.credits} credits.`);
  if (call.is_over && call.transcript.length === 0) notes.push("Nothing was said.");
  say(part("note"), notes.join(" "));
  part("note").hidden = notes.length === 0;
  keep(part("transcript"), call.transcript, (turn) => turn.timestamp, makeTurn, updateTurn);
  part("transcript").hidden = call.transcript.length === 0;
}

function makeTurn(turn) {
  const line = element("li", turn.speaker === "AI" ? "ours" : "");
  line.append(element("span", "who", turn.speaker === "AI" ? "Assistant" : "Other end"), element("span", "words"));
  return line;
}

function updateTurn(line, turn) {
  say(line.querySelector(".words"), turn.content);
}

// What stands in rows: its first text is wide, the others stand behind it.

function makeRow() {
  return element("li");
}

function updateRow(row, texts) {
  keep(row, texts.map((text, index) => ({ text, index })), (cell) => cell.index, () => element("span"),
    (cell, { text }) => say(cell, text));
}

function showFaults(faults) {
  fill("faults", faults.map((fault, index) => ({ ...fault, index })), (fault) => fault.index, makeRow, (row, fault) => {
    const { operation_id, fault: name, ms, retry_after, status, code, times, probability } = fault;
    const what = [name, status, code, ms === undefined ? ms : `${ms} ms`, retry_after].filter((part) => part !== undefined).join(" ");
    const often = probability === undefined ? `${times} times` : `chance ${probability}`;
    updateRow(row, [`${operation_id === "*" ? "all" : operation_id}: ${what}`, often]);
  });
}

function showCredits({ balance, history }) {
  const left = Number(balance.credits_remaining);
  const all = Number(balance.credits_allocated);
  say(byId("balance"), `${left} of ${all} left, plan ${balance.plan_type}`);
  byId("left").max = all;
  byId("left").value = left;
  fill("credits", history.entries, (entry) => entry.id, makeRow,
    (row, entry) => updateRow(row, [entry.description, `${entry.credits}`, entry.timestamp.slice(11, 19)]));
}

function makeLetter() {
  const row = element("li");
  row.append(element("span", "name"), element("span", "badge"), element("time", "quiet"), element("p", "text"));
  return row;
}

function updateLetter(row, { who, channel, at, text, unread }) {
  say(row.querySelector(".name"), who);
  say(row.querySelector(".badge"), words(channel));
  row.querySelector(".badge").classList.toggle("live", unread);
  showTime(row.querySelector("time"), at);
  say(row.querySelector(".text"), text);
}

function showLetters({ inbox, sent }) {
  const came = inbox.map(({ id, from, channel, subject, preview, unread, received_at: at }) =>
    ({ id, who: from, channel, at, unread, text: [subject, preview].filter(Boolean).join(": ") }));
  fill("inbox", came, (letter) => letter.id, makeLetter, updateLetter);
  const left = sent.map(({ to, channel, subject, text, sent_at: at }, index) =>
    ({ id: index, who: to, channel, at, unread: false, text: [subject, text].filter(Boolean).join(": ") }));
  fill("sent", left, (letter) => letter.id, makeLetter, updateLetter);
}

function goalText(goal) {
  return goal.waiting_for ? `${words(goal.status)}, waits for ${words(goal.waiting_for)}` : words(goal.status);
}

function makeGoal() {
  const row = element("li");
  row.append(element("span", "name"), element("span", "badge"), element("ul", "steps"));
  return row;
}

function updateGoal(row, goal) {
  say(row.querySelector(".name"), goal.title);
  say(row.querySelector(".badge"), goalText(goal));
  const below = goal.sub_goals.map((goal) => `${goal.title}: ${goalText(goal)}`);
  const steps = goal.steps.map((step) => `${step.description}: ${words(step.status)}`);
  keep(row.querySelector(".steps"), [...steps, ...below].map((text, index) => ({ text, index })),
    (step) => step.index, () => element("li"), (line, { text }) => say(line, text));
}

function makeRequest() {
  const row = element("tr");
  const request = element("td");
  request.append(element("span", "method"), " ", element("span", "path"));
  row.append(element("td", "seq"), request, element("td", "operation"), element("td", "status"));
  return row;
}

function updateRequest(row, request) {
  say(row.querySelector(".seq"), `${request.seq}`);
  say(row.querySelector(".method"), request.method);
  say(row.querySelector(".path"), request.path);
  say(row.querySelector(".operation"), request.operation_id ?? "");
  const status = row.querySelector(".status");
  if (!status.firstChild) status.append(element("span", "badge"));
  // It waits, or its connection was reset.
  say(status.firstChild, request.status === null ? "none" : `${request.status}`);
  status.firstChild.classList.toggle("bad", request.status >= 400);
}

// The clock: by the real one, time passes between two pictures too.

const clock = { base: Date.now(), at: Date.now(), runs: false };

function tick() {
  const now = clock.runs ? clock.base + Date.now() - clock.at : clock.base;
  const stamp = new Date(now).toISOString();
  byId("now").dateTime = stamp;
  say(byId("now"), `${stamp.slice(0, 10)} ${stamp.slice(11, 19)} UTC`);
}

const KINDS = { real: "runs", manual: "stands still", "per-poll": "a step with every GET" };

function showClock(now, { kind, step_seconds }) {
  clock.base = Date.parse(now);
  clock.at = Date.now();
  clock.runs = kind === "real";
  tick();
  say(byId("clock-kind"), KINDS[kind] ?? kind);
  const step = byId("step");
  step.dataset.advance = step_seconds;
  step.title = `${step_seconds} seconds`;
  step.disabled = !(step_seconds > 0);
}

function show({ now, world }) {
  showClock(now, world.clock);
  fill("calls", world.calls, (call) => call.id, makeCall, updateCall);
  showCredits(world.credits);
  fill("goals", world.goals, (goal) => goal.id, makeGoal, updateGoal);
  showLetters(world);
  showFaults(world.faults);
  fill("journal", world.journal, (request) => request.seq, makeRequest, updateRequest);
}

// The feed. Who does not look needs none: a browser has few connections for one server.

let feed = null;

function connect() {
  feed = new EventSource("/_sandbox/live");
  feed.onmessage = (event) => {
    state("on", "Live");
    show(JSON.parse(event.data));
  };
  feed.onerror = () => {
    // A world that was reset is there again at once.
    lost ||= setTimeout(() => state("off", "No connection"), 1000);
    if (feed.readyState === EventSource.CLOSED) {
      // It was answered something else than a stream, and does not try again by itself.
      setTimeout(() => feed?.readyState === EventSource.CLOSED && connect(), 1000);
    }
  };
}

let lost = 0;

function state(name, text) {
  clearTimeout(lost);
  lost = 0;
  byId("connection").className = name;
  say(byId("connection"), text);
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    feed?.close();
    feed = null;
  } else if (!feed) {
    connect();
  }
});

// What can be done.

async function control(method, path, body) {
  const problem = byId("problem");
  try {
    const answer = await fetch(`/_sandbox/${path}`, { method, body: body && JSON.stringify(body) });
    if (answer.ok) {
      problem.hidden = true;
      return true;
    }
    const { error } = await answer.json();
    say(problem, error.details?.reason ?? error.message);
  } catch {
    say(problem, "The sandbox does not answer.");
  }
  problem.hidden = false;
  return false;
}

for (const button of document.querySelectorAll("[data-advance]")) {
  button.addEventListener("click", () => control("POST", "clock", { advance_seconds: Number(button.dataset.advance) }));
}

const reset = byId("reset");
const RESET = reset.textContent;
let sure = 0;

function calm() {
  clearTimeout(sure);
  sure = 0;
  reset.classList.remove("sure");
  say(reset, RESET);
}

reset.addEventListener("click", () => {
  if (sure) {
    calm();
    control("POST", "reset");
  } else {
    say(reset, "Press again to lose everything");
    reset.classList.add("sure");
    sure = setTimeout(calm, 4000);
  }
});

byId("ring").querySelector("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const { from, script } = event.target.elements;
  const lines = script.value.split("\n").map((line) => line.trim()).filter(Boolean);
  control("POST", "inbound", { from: from.value.trim(), script: lines });
});

const faultForm = byId("faults").querySelector("form");

/// The fields that belong to the chosen fault, and the range of the chosen frequency.
function fit() {
  const { fault, how, often } = faultForm.elements;
  for (const label of faultForm.querySelectorAll("[data-for]")) {
    const meant = label.dataset.for.split(" ").includes(fault.value);
    label.hidden = !meant;
    label.querySelector("input").disabled = !meant;
  }
  const chance = how.value === "probability";
  often.min = chance ? "0" : "1";
  often.max = chance ? "1" : "";
  often.step = chance ? "any" : "1";
}

faultForm.addEventListener("change", (event) => {
  if (event.target.name === "how") {
    faultForm.elements.often.value = event.target.value === "probability" ? "0.5" : "1";
  }
  fit();
});

faultForm.addEventListener("submit", (event) => {
  event.preventDefault();
  const { operation_id, fault, ms, retry_after, status, code, how, often } = faultForm.elements;
  const body = { operation_id: operation_id.value.trim(), fault: fault.value, [how.value]: Number(often.value) };
  if (!ms.disabled) body.ms = Number(ms.value);
  if (!retry_after.disabled && retry_after.value) body.retry_after = retry_after.value.trim();
  if (!status.disabled) body.status = Number(status.value);
  if (!code.disabled) body.code = code.value.trim();
  control("POST", "faults", body);
});

byId("clear-faults").addEventListener("click", () => control("DELETE", "faults"));

async function nameOperations() {
  const { operations } = await (await fetch("/_sandbox/coverage")).json();
  byId("operations").append(...operations.map(({ operation_id }) => {
    const option = element("option");
    option.value = operation_id;
    return option;
  }));
}

fit();
setInterval(tick, 1000);
if (!document.hidden) connect();
nameOperations().catch(() => {});
