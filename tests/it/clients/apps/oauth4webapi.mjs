// oauth4webapi (npm): each step of the protocol checked on its own, with DPoP and its nonces.

import * as oauth from 'oauth4webapi'
import { callback, home, serve, settings } from './app.mjs'

// The issuer is on loopback, without TLS.
const insecure = { [oauth.allowInsecureRequests]: true }
const issuer = new URL(settings.issuer)
const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure))
const client = { client_id: settings.client_id }
const authentication = settings.client_secret ? oauth.ClientSecretBasic(settings.client_secret) : oauth.None()
const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'))

let verifier
let state
let nonce
let tokens

/** A server may ask for its nonce at any time (RFC 9449 §8); then the request is sent once more. */
async function withNonce(request, process) {
  try {
    return await process(await request())
  } catch (error) {
    if (!oauth.isDPoPNonceError(error)) throw error
    return process(await request())
  }
}

serve({
  async login() {
    verifier = oauth.generateRandomCodeVerifier()
    state = oauth.generateRandomState()
    nonce = oauth.generateRandomNonce()
    const url = new URL(server.authorization_endpoint)
    const parameters = {
      client_id: client.client_id,
      redirect_uri: callback,
      response_type: 'code',
      scope: settings.scope,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
    }
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
    return url
  },

  async finish(url) {
    const parameters = oauth.validateAuthResponse(server, client, url, state)
    const expected = { expectedNonce: nonce, requireIdToken: true }
    tokens = await withNonce(
      () => oauth.authorizationCodeGrantRequest(server, client, authentication, parameters, callback, verifier, { DPoP, ...insecure }),
      response => oauth.processAuthorizationCodeResponse(server, client, response, expected),
    )
    const claims = oauth.getValidatedIdTokenClaims(tokens)
    const userinfo = await withNonce(
      () => oauth.userInfoRequest(server, client, tokens.access_token, { DPoP, ...insecure }),
      response => oauth.processUserInfoResponse(server, client, claims.sub, response),
    )
    const refreshed = await withNonce(
      () => oauth.refreshTokenGrantRequest(server, client, authentication, tokens.refresh_token, { DPoP, ...insecure }),
      response => oauth.processRefreshTokenResponse(server, client, response),
    )
    return {
      claims,
      userinfo,
      token_type: tokens.token_type,
      scope: tokens.scope,
      refreshed: refreshed.access_token !== tokens.access_token,
    }
  },

  async logout() {
    const url = new URL(server.end_session_endpoint)
    url.searchParams.set('id_token_hint', tokens.id_token)
    url.searchParams.set('post_logout_redirect_uri', `${home}/bye`)
    url.searchParams.set('state', 'farewell')
    return url
  },
})
