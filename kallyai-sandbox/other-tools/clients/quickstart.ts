// The quickstart, by openapi-fetch with the types that openapi-typescript has generated.
//
//     node quickstart.js SANDBOX
//
// Starts the sandbox, does what examples/quickstart.rs does, and checks what came of it, here and in the
// sandbox.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { createInterface } from "node:readline";
import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

const PHONE = "+12025550199";
const TASK = "Reserve a table for 4 at 8 pm, by the window if there is one";
let checks = 0;

function check(holds: boolean, what: string): void {
  checks += 1;
  assert.ok(holds, what);
}

/** What was answered, if it was no error. */
function answered<T>(answer: { data?: T; error?: unknown; response: Response }, status = 200): T {
  check(answer.response.status === status, `${answer.response.status}: ${JSON.stringify(answer.error)}`);
  check(answer.data !== undefined, "there is a body");
  return answer.data as T;
}

/** By the CLI flow; the sandbox approves by itself. */
async function signIn(baseUrl: string): Promise<string> {
  const anonymous = createClient<paths>({ baseUrl });
  const query = { redirect_uri: "http://127.0.0.1:8740/callback", state: "quickstart" };
  const { response } = await anonymous.GET("/v1/auth/cli", { params: { query }, redirect: "manual" });
  check(response.status === 302, "a redirect");
  const location = new URL(response.headers.get("location") ?? "");
  check(location.searchParams.get("state") === "quickstart", "it belongs to this sign-in");
  return location.searchParams.get("access_token") ?? "";
}

async function quickstart(baseUrl: string): Promise<void> {
  const token = await signIn(baseUrl);
  const kally = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${token}` } });
  const before = answered(await kally.GET("/v1/credits/balance"));

  const price = answered(await kally.POST("/v1/goals/estimate", { body: { type: "call", description: TASK } }));
  check(Number(price.estimated_credits) > 0, "an estimate");

  const tomorrow = new Date(Date.now() + 24 * 3600 * 1000).toISOString().slice(0, 10);
  const body: components["schemas"]["CallRequest"] = {
    submission: {
      task_category: "restaurant",
      task_description: TASK,
      respondent_phone: PHONE,
      business_name: "Italian Bistro",
      party_size: 4,
      appointment_date: tomorrow,
      appointment_time: "20:00",
      language: "en",
    },
    timezone: "America/New_York",
  };
  const key = randomUUID();
  const once = { params: { header: { "Idempotency-Key": key } }, body };
  const call = answered(await kally.POST("/v1/calls", once), 201);
  check(call.status === "success", "a success");
  // The answer may be lost on its way: the key makes it safe to ask again.
  const again = answered(await kally.POST("/v1/calls", once), 201);
  check(again.call_id === call.call_id, "the same call");

  const params = { path: { call_id: call.call_id } };
  const read = answered(await kally.GET("/v1/calls/{call_id}", { params }));
  check(read.call_id === call.call_id && read.status === call.status, "the same when it is read");
  check(read.submission?.party_size === 4, "the party");
  const transcript = answered(await kally.GET("/v1/calls/{call_id}/transcript", { params }));
  const speakers = new Set(transcript.entries?.map((entry) => entry.speaker));
  check(speakers.size === 2 && speakers.has("HUMAN") && speakers.has("AI"), "who speaks");
  const calendar = answered(await kally.GET("/v1/calls/{call_id}/calendar.ics", { params, parseAs: "text" }));
  check(calendar.includes("DTSTART:"), "a calendar entry");
  const list = answered(await kally.GET("/v1/calls", { params: { query: { limit: 10 } } }));
  check(list.calls?.length === 1 && list.calls[0]?.call_id === call.call_id, "one call in the list");

  const after = answered(await kally.GET("/v1/credits/balance"));
  const spent = before.credits_remaining - after.credits_remaining;
  check(spent > 0 && Math.abs(spent - (call.credits_used ?? 0)) < 0.001, "it is paid for");
  const history = answered(await kally.GET("/v1/credits/history"));
  check(history.entries.length >= 1, "it is in the history");

  const refused = await kally.POST("/v1/calls", {
    body: {
      submission: {
        task_category: "general",
        task_description: "Report a fire that is none",
        respondent_phone: "+12025550125",
      },
      timezone: "UTC",
    },
  });
  check(refused.response.status === 422, "an emergency number");
  check(refused.error?.error?.code === "emergency_number", "its code");

  const kept = (await (await fetch(`${baseUrl}/_sandbox/calls`)).json()) as {
    calls: { to: string; idempotency_key: string }[];
  };
  check(kept.calls.length === 1 && kept.calls[0]?.to === PHONE, `dialled once: ${JSON.stringify(kept)}`);
  check(kept.calls[0]?.idempotency_key === key, "with the key");
  console.log(`TypeScript: ${checks} checks, call ${call.status}, ${spent.toFixed(2)} credits, dialled once`);
}

const program = process.argv[2] ?? "kallyai-sandbox";
const sandbox = spawn(program, ["--auto-approve", "--call-seconds", "0.2"], { stdio: ["ignore", "pipe", "ignore"] });
try {
  for await (const line of createInterface({ input: sandbox.stdout })) {
    await quickstart((JSON.parse(line) as { base_url: string }).base_url);
    break;
  }
  check(checks > 1, "the sandbox has started");
} finally {
  sandbox.kill("SIGTERM");
}
