// Tokens on standard input, a line each; for each 1 or 0. Keys are kept for exactly the max-age that they were served with.
import { createInterface } from "node:readline";
import { createRequire } from "node:module";
const { createLocalJWKSet, jwtVerify } = createRequire(process.env.KEYWRIGHT_TEST_NODE_MODULES + "/")("jose");

const [issuer, audience] = process.argv.slice(-2);
let keys, until = 0;

async function current() {
  if (performance.now() >= until) {
    const answer = await fetch(`${issuer}/.well-known/jwks.json`);
    const age = Number(/max-age=(\d+)/.exec(answer.headers.get("cache-control"))[1]);
    keys = createLocalJWKSet(await answer.json());
    until = performance.now() + age * 1000;
  }
  return keys;
}

await current();
console.log("ready");
for await (const line of createInterface({ input: process.stdin })) {
  const verified = current().then((keys) => jwtVerify(line.trim(), keys, { issuer, audience, algorithms: ["ES256"] }));
  console.log(await verified.then(() => 1, () => 0));
}
