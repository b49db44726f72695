// Arguments: issuer, algorithm, audience, token. Knows nothing of Keywright but its address.
import { createRemoteJWKSet, jwtVerify } from "jose";

const [issuer, algorithm, audience, token] = process.argv.slice(2);
const discovery = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
const keys = createRemoteJWKSet(new URL(discovery.jwks_uri));
const { payload } = await jwtVerify(token, keys, { issuer, audience, algorithms: [algorithm], typ: "at+jwt" });
console.log(payload.sub, payload.scope);
