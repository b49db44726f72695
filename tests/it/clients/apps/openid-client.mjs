// openid-client (npm), as its documentation uses it: discovery, code with PKCE, userinfo, refresh, logout; by choice PAR, DPoP,
// private_key_jwt, response mode, and the other grants.

import * as oidc from 'openid-client'
import { callback, home, serve, settings } from './app.mjs'

const authentication = async () => {
  switch (settings.auth) {
    case 'none':
      return oidc.None()
    case 'client_secret_post':
      return oidc.ClientSecretPost(settings.client_secret)
    case 'client_secret_basic':
      return oidc.ClientSecretBasic(settings.client_secret)
    case 'client_secret_jwt':
      return oidc.ClientSecretJwt(settings.client_secret)
    case 'private_key_jwt': {
      const pkcs8 = Buffer.from(settings.pkcs8, 'base64')
      const key = await crypto.subtle.importKey('pkcs8', pkcs8, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign'])
      return oidc.PrivateKeyJwt({ key, kid: settings.kid })
    }
  }
  throw new Error(`unknown method ${settings.auth}`)
}

const metadata = settings.id_token_alg ? { id_token_signed_response_alg: settings.id_token_alg } : undefined
// The issuer is on loopback, without TLS.
const config = await oidc.discovery(new URL(settings.issuer), settings.client_id, metadata, await authentication(), {
  execute: [oidc.allowInsecureRequests],
})
if (settings.response_mode === 'jwt') oidc.useJwtResponseMode(config)
const DPoP = settings.dpop ? oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair('ES256')) : undefined

let checks
let tokens
let device

const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const exchange = ({ access_token }) => ({
  subject_token: access_token,
  subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
  audience: settings.exchange,
})

serve({
  async login() {
    if (settings.device) {
      const codes = await oidc.initiateDeviceAuthorization(config, { scope: settings.scope })
      device = oidc.pollDeviceAuthorizationGrant(config, codes)
      return codes.verification_uri_complete
    }
    checks = {
      pkceCodeVerifier: oidc.randomPKCECodeVerifier(),
      expectedState: oidc.randomState(),
      expectedNonce: oidc.randomNonce(),
      idTokenExpected: true,
    }
    const parameters = {
      redirect_uri: callback,
      scope: settings.scope,
      code_challenge: await oidc.calculatePKCECodeChallenge(checks.pkceCodeVerifier),
      code_challenge_method: 'S256',
      state: checks.expectedState,
      nonce: checks.expectedNonce,
      ...settings.authorize,
    }
    return settings.par
      ? oidc.buildAuthorizationUrlWithPAR(config, parameters, { DPoP })
      : oidc.buildAuthorizationUrl(config, parameters)
  },

  async finish(url, body) {
    const current = body === undefined ? url : new Request(url, { method: 'POST', body, headers: { 'content-type': 'application/x-www-form-urlencoded' } })
    tokens = device ? await device : await oidc.authorizationCodeGrant(config, current, checks, undefined, { DPoP })
    const claims = tokens.claims()
    const userinfo = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub, { DPoP })
    const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP })
    const introspected = settings.introspect ? await oidc.tokenIntrospection(config, refreshed.access_token) : undefined
    const exchanged = settings.exchange ? await oidc.genericGrantRequest(config, TOKEN_EXCHANGE, exchange(refreshed)) : undefined
    if (settings.revoke) await oidc.tokenRevocation(config, refreshed.refresh_token)
    return {
      claims,
      userinfo,
      token_type: tokens.token_type,
      scope: tokens.scope,
      refreshed: refreshed.access_token !== tokens.access_token && refreshed.refresh_token !== tokens.refresh_token,
      refreshed_claims: refreshed.claims(),
      introspected,
      exchanged,
      access_token: refreshed.access_token,
    }
  },

  async logout() {
    return oidc.buildEndSessionUrl(config, {
      id_token_hint: tokens.id_token,
      post_logout_redirect_uri: `${home}/bye`,
      state: 'farewell',
    })
  },
})
