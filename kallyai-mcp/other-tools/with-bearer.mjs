// Stands before the server for clients that can send no bearer: adds it, and changes nothing else. The port in
// Host is the server's, if the client has named this one; other hosts stay, so that the server can refuse them.
//
//   node with-bearer.mjs URL FILE      prints the URL that it listens on

import { readFileSync } from "node:fs";
import http from "node:http";

const server = new URL(process.argv[2]);
const bearer = readFileSync(process.argv[3], "utf8");

const proxy = http.createServer((request, response) => {
  const own = `:${proxy.address().port}`;
  const headers = { ...request.headers, authorization: `Bearer ${bearer}` };
  if (headers.host?.endsWith(own)) {
    headers.host = headers.host.slice(0, -own.length) + `:${server.port}`;
  }
  const options = {
    host: server.hostname,
    port: server.port,
    path: request.url,
    method: request.method,
    headers,
  };
  const sent = http.request(options, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    response.flushHeaders();
    answer.pipe(response);
  });
  sent.on("error", () => response.destroy());
  response.on("close", () => sent.destroy());
  request.pipe(sent);
});

proxy.listen(0, "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${proxy.address().port}/mcp`);
});
