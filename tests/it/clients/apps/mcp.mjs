// The SDK of the Model Context Protocol (npm), both sides: a server with one tool that trusts the issuer, and a client that
// finds out by itself where to log in, registers itself, and calls the tool.

import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { InvalidTokenError } from '@modelcontextprotocol/sdk/server/auth/errors.js'
import { requireBearerAuth } from '@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js'
import { getOAuthProtectedResourceMetadataUrl, mcpAuthMetadataRouter } from '@modelcontextprotocol/sdk/server/auth/router.js'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import express from 'express'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { callback, home, settings } from './app.mjs'

const resource = new URL(`${home}/mcp`)
const metadata = await (await fetch(`${settings.issuer}/.well-known/oauth-authorization-server`)).json()
const keys = createRemoteJWKSet(new URL(metadata.jwks_uri))

const verifier = {
  async verifyAccessToken(token) {
    try {
      const { payload } = await jwtVerify(token, keys, { issuer: metadata.issuer, audience: resource.href, typ: 'at+jwt' })
      return { token, clientId: payload.client_id, scopes: payload.scope.split(' '), expiresAt: payload.exp, resource, extra: { sub: payload.sub } }
    } catch (error) {
      throw new InvalidTokenError(error.message)
    }
  },
}

const app = express()
app.use(mcpAuthMetadataRouter({ oauthMetadata: metadata, resourceServerUrl: resource, scopesSupported: [settings.scope] }))
const guard = requireBearerAuth({
  verifier,
  requiredScopes: [settings.scope],
  resourceMetadataUrl: getOAuthProtectedResourceMetadataUrl(resource),
  expectedResource: resource,
})
app.post('/mcp', express.json(), guard, async (request, response) => {
  const server = new McpServer({ name: 'guarded', version: '1.0.0' })
  server.registerTool('whoami', { description: 'Tells who calls' }, extra => ({ content: [{ type: 'text', text: extra.authInfo.extra.sub }] }))
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: undefined,
    enableDnsRebindingProtection: true,
    allowedHosts: [resource.host],
    allowedOrigins: [resource.origin],
  })
  await server.connect(transport)
  await transport.handleRequest(request, response, request.body)
})
app.all('/mcp', (request, response) => response.status(405).end())

const kept = {}
const provider = {
  redirectUrl: callback,
  clientMetadata: {
    client_name: 'An MCP client',
    redirect_uris: [callback],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    scope: settings.scope,
  },
  clientMetadataUrl: settings.client_metadata_url,
  state: () => (kept.state = crypto.randomUUID()),
  clientInformation: () => kept.client,
  saveClientInformation: client => void (kept.client = client),
  tokens: () => kept.tokens,
  saveTokens: tokens => void (kept.tokens = tokens),
  redirectToAuthorization: url => void (kept.url = url),
  saveCodeVerifier: verifier => void (kept.verifier = verifier),
  codeVerifier: () => kept.verifier,
}
const transport = () => new StreamableHTTPClientTransport(resource, { authProvider: provider })
const connect = async over => {
  const client = new Client({ name: 'visitor', version: '1.0.0' })
  await client.connect(over)
  return client
}

app.get('/', async (request, response) => {
  try {
    kept.transport = transport()
    await connect(kept.transport)
    throw new Error('the server let a stranger in')
  } catch (error) {
    if (!(error instanceof UnauthorizedError)) throw error
    response.redirect(303, kept.url.href)
  }
})
app.get('/callback', async (request, response) => {
  if (request.query.state !== kept.state) throw new Error('another state')
  await kept.transport.finishAuth(new URLSearchParams(request.url.split('?')[1]).get('code'))
  const client = await connect(transport())
  const told = await client.callTool({ name: 'whoami', arguments: {} })
  const result = { told: told.content[0].text, scope: kept.tokens.scope, registered: kept.client?.client_id }
  response.send(`<!doctype html><title>result</title><pre id="result">${JSON.stringify(result)}</pre>`)
})
app.use((error, request, response, next) => {
  console.error(error)
  response.send(`<!doctype html><title>failed</title><pre id="failed">${String(error.stack).replaceAll('<', '&lt;')}</pre>`)
})
app.listen(settings.port, '127.0.0.1', () => console.log(`ready at ${home}`))
