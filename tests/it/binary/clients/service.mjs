// A service as one would write it with node:http and jose. Arguments: issuer, audience, and `careless` to check no audience.
import { createServer } from "node:http";
import { createRemoteJWKSet, errors, jwtVerify } from "jose";

const [issuer, audience, care] = process.argv.slice(2);
const discovery = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
const keys = createRemoteJWKSet(new URL(discovery.jwks_uri));
const rules = {
  issuer, algorithms: ["ES256"], typ: "at+jwt", requiredClaims: ["exp", "iat", "aud", "sub"],
  ...(care === "careful" && { audience }),
};

const status = async (authorization = "") => {
  const [scheme, token] = authorization.split(" ");
  if (scheme !== "Bearer") return 401;
  try {
    const { payload } = await jwtVerify(token, keys, rules);
    // It is bound to a key, and nobody proved to have it.
    if (payload.cnf) return 401;
    return String(payload.scope).split(" ").includes("read:orders") ? 200 : 403;
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof TypeError) return 401;
    throw error;
  }
};

// It ends with whoever started it.
process.stdin.on("end", () => process.exit()).resume();

const server = createServer(async (request, response) => {
  response.writeHead(await status(request.headers.authorization)).end();
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
