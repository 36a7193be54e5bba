// Uses the server with the official client for TypeScript: over stdio and HTTP, by one version of the protocol.
//
//   node client.mjs PROGRAM URL BEARER_FILE VERSION

import assert from "node:assert";
import { readFileSync } from "node:fs";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";

const [program, url, bearer, version] = process.argv.slice(2);
const legacy = version === "2025-11-25";

const call = (number) => ({
  submission: {
    task_category: "restaurant",
    task_description: "Reserve a table for 4 at 8 pm",
    respondent_phone: number,
  },
  timezone: "America/New_York",
});

async function use(transport, number) {
  const client = new Client(
    { name: "check", version: "1" },
    {
      capabilities: { elicitation: { form: {} } },
      versionNegotiation: { mode: legacy ? "legacy" : { pin: version } },
    },
  );
  const questions = [];
  client.setRequestHandler("elicitation/create", async (request) => {
    questions.push(request.params.message);
    return { action: "accept", content: {} };
  });
  await client.connect(transport);
  const { tools } = await client.listTools();
  assert.equal(tools.length, 13);
  // The client checks structured answers against their schemas.
  const balance = await client.callTool({ name: "credits_balance", arguments: {} });
  assert(!balance.isError && balance.structuredContent);
  let placed = await client.callTool({ name: "calls_create", arguments: call(number) });
  assert(!placed.isError, JSON.stringify(placed));
  assert(questions.length === 1 && questions[0].includes(number), questions);
  const key = placed.structuredContent.idempotency_key;
  if (key) {
    placed = await client.callTool({ name: "calls_wait", arguments: { idempotency_key: key } });
  }
  assert.equal(placed.structuredContent.status, "success");
  const refused = await client.callTool({ name: "calls_get", arguments: {} });
  assert(refused.isError);
  const { resourceTemplates } = await client.listResourceTemplates();
  assert.equal(resourceTemplates.length, 3);
  await client.close();
}

// Every combination has a number of its own, which nobody has called before.
const last = legacy ? "7" : "8";
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => name.startsWith("KALLYAI_")),
);
await use(new StdioClientTransport({ command: program, args: [], env }), `+1202555016${last}`);
console.log(`TypeScript, stdio, ${version}: ok`);
const headers = { Authorization: `Bearer ${readFileSync(bearer, "utf8")}` };
const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } });
await use(transport, `+1202555017${last}`);
console.log(`TypeScript, HTTP, ${version}: ok`);
