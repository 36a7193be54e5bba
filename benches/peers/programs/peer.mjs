// The API by openapi-fetch, under Node: what harness.rs does, in the same way. The types that openapi-typescript
// makes of the document for it are gone before anything runs.

import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import createClient from "openapi-fetch";

const PAGE = 200;
// As long as one of PKCE is.
const VERIFIER = "a-verifier-of-forty-three-letters-and-so-on";

const [scenario, baseUrl, count, inFlight] = process.argv
  .slice(2)
  .map((argument, place) => (place < 2 ? argument : Number(argument)));
const client = createClient({ baseUrl, headers: { Authorization: "Bearer a-token-of-no-account" } });

const callId = (number) => `${number.toString(16).padStart(8, "0")}-6a47-4c0c-9a53-0b2f5d8a9e01`;

function expect(is, shouldBe) {
  if (is !== shouldBe) throw new Error(`${is} came in place of ${shouldBe}`);
}

/** What came, unless it is an error: that is a value here. */
function answered({ data, response }) {
  if (data === undefined) throw new Error(`answered ${response.status}`);
  return data;
}

async function signIn() {
  const tokens = answered(
    await client.POST("/v1/auth/gpt/token", {
      body: {
        grant_type: "authorization_code",
        client_id: "peer",
        client_secret: "a-secret-of-nobody",
        code: "a-code-that-is-good-again",
        redirect_uri: "http://127.0.0.1:1/callback",
        code_verifier: VERIFIER,
      },
      bodySerializer: (body) => new URLSearchParams(body),
    }),
  );
  expect(tokens.access_token, "example-access-token");
}

async function place() {
  const call = answered(
    await client.POST("/v1/calls", {
      params: { header: { "Idempotency-Key": randomUUID() } },
      body: {
        submission: {
          task_category: "restaurant",
          task_description: "Reserve a table for 4 at 8 pm",
          respondent_phone: "+12025550199",
          business_name: "Italian Bistro",
          party_size: 4,
        },
        timezone: "America/New_York",
      },
    }),
  );
  expect(call.call_id, callId(0));
}

async function read(number) {
  const id = callId(number);
  const call = answered(await client.GET("/v1/calls/{call_id}", { params: { path: { call_id: id } } }));
  expect(call.call_id, id);
}

function check(calls, seen) {
  for (const call of calls) {
    expect(parseInt(call.call_id.slice(0, 8), 16), seen);
    seen += 1;
  }
  return seen;
}

async function walk() {
  let seen = 0;
  for (;;) {
    const list = answered(await client.GET("/v1/calls", { params: { query: { limit: PAGE, offset: seen } } }));
    seen = check(list.calls, seen);
    if (list.calls.length === 0 || seen >= list.total) return seen;
  }
}

async function whole() {
  return check(answered(await client.GET("/v1/calls")).calls, 0);
}

async function reads(count, inFlight) {
  let next = 0;
  const worker = async () => {
    while (next < count) await read(next++);
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
}

function report(wall, cpu) {
  const peak = Number(/^VmHWM:\s*(\d+)/m.exec(readFileSync("/proc/self/status", "ascii"))[1]);
  console.log(JSON.stringify({ wall_ns: Number(wall), cpu_ns: 1000 * (cpu.user + cpu.system), peak_kib: peak }));
}

async function measured() {
  switch (scenario) {
    case "sign_in":
      for (let done = 0; done < count; done++) await signIn();
      return;
    case "place":
      for (let done = 0; done < count; done++) await place();
      return;
    case "read":
      return reads(count, inFlight);
    case "list":
      return expect(await walk(), count);
    case "decode":
      // As many entries in all, whatever one answer has.
      for (let done = 0; done < Math.max(1, Math.floor(10_000 / count)); done++) expect(await whole(), count);
      return;
    default:
      throw new Error("no such scenario");
  }
}

if (scenario === "cold") {
  await read(0);
  report(0, process.cpuUsage());
} else {
  // The connections are there before anything is measured.
  await reads(inFlight, inFlight);
  if (scenario === "sign_in") await signIn();
  const cpu = process.cpuUsage();
  const wall = process.hrtime.bigint();
  await measured();
  report(process.hrtime.bigint() - wall, process.cpuUsage(cpu));
}
// Connections that stay open would keep the process for some seconds.
process.exit();
