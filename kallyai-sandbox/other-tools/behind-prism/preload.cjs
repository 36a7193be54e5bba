// Loaded before Prism.

// Prism fetches what a redirect leads to, and answers with that; signing in ends with a redirect to an
// address that only the client listens on. A proxy hands it on, and then Prism checks it like any other
// answer.
const { createRequire } = require("node:module");
const fetch = createRequire(process.argv[1])("node-fetch");
const follow = fetch.default;
fetch.default = (url, options) => follow(url, { ...options, redirect: "manual" });

// The example holds the other end, and it closes however the example ends.
process.stdin.on("end", () => process.exit()).resume();
