// passport-openidconnect (npm) in an Express application: an old and widespread client, which sends no PKCE.

import express from 'express'
import session from 'express-session'
import passport from 'passport'
import OpenIDConnectStrategy from 'passport-openidconnect'
import { callback, home, settings } from './app.mjs'

const discovery = await fetch(`${settings.issuer}/.well-known/openid-configuration`)
const metadata = await discovery.json()

passport.use(
  new OpenIDConnectStrategy(
    {
      issuer: metadata.issuer,
      authorizationURL: metadata.authorization_endpoint,
      tokenURL: metadata.token_endpoint,
      userInfoURL: metadata.userinfo_endpoint,
      clientID: settings.client_id,
      clientSecret: settings.client_secret,
      callbackURL: callback,
      scope: settings.scope.split(' ').filter(scope => scope !== 'openid'),
      nonce: true,
    },
    (issuer, profile, context, idToken, accessToken, refreshToken, done) =>
      done(null, { issuer, profile, idToken, hasRefreshToken: Boolean(refreshToken) }),
  ),
)
passport.serializeUser((user, done) => done(null, user))
passport.deserializeUser((user, done) => done(null, user))

const app = express()
app.use(session({ secret: 'of this test', resave: false, saveUninitialized: false }))
app.use(passport.authenticate('session'))
app.get('/', passport.authenticate('openidconnect'))
app.get('/callback', passport.authenticate('openidconnect', { failureMessage: true, failureRedirect: '/failed' }), (request, response) => {
  response.send(`<!doctype html><title>result</title><pre id="result">${JSON.stringify(request.user)}</pre>`)
})
app.get('/failed', (request, response) => {
  response.send(`<!doctype html><title>failed</title><pre id="failed">${JSON.stringify(request.session.messages)}</pre>`)
})
app.get('/logout', (request, response, next) => {
  const url = new URL(metadata.end_session_endpoint)
  url.searchParams.set('id_token_hint', request.user.idToken)
  url.searchParams.set('post_logout_redirect_uri', `${home}/bye`)
  request.logout(error => (error ? next(error) : response.redirect(303, url.toString())))
})
app.get('/bye', (request, response) => response.send('<!doctype html><title>bye</title><pre id="bye">bye</pre>'))
app.use((error, request, response, _next) => {
  response.send(`<!doctype html><title>failed</title><pre id="failed">${error.message}</pre>`)
})
app.listen(settings.port, '127.0.0.1', () => console.log(`ready at ${home}`))
