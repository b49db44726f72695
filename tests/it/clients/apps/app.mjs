// A small web application around a client library: `/` sends the browser to log in, `/callback` takes it back and shows what
// the library made of it, `/logout` logs out at the issuer. The library does all of the protocol.

import http from 'node:http'

/** What the test tells the application: issuer, client and port. */
export const settings = JSON.parse(process.env.KEYWRIGHT_APP)
export const home = `http://127.0.0.1:${settings.port}`
export const callback = `${home}/callback`

const page = (id, text) =>
  `<!doctype html><title>${id}</title><pre id="${id}">${text.replace(/[&<]/g, c => `&#${c.charCodeAt(0)};`)}</pre>`

/**
 * Serves the application until the process is ended.
 * `login()` answers a URL; `finish(url)` what to show; `logout()` a URL.
 */
export function serve({ login, finish, logout }) {
  const answer = async (request, response) => {
    const url = new URL(request.url, home)
    const show = (id, text) => {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
      response.end(page(id, text))
    }
    const redirect = to => {
      response.writeHead(303, { location: to.toString() })
      response.end()
    }
    if (url.pathname === '/') return redirect(await login())
    if (url.pathname === '/callback') {
      const body = request.method === 'POST' ? await read(request) : undefined
      return show('result', JSON.stringify(await finish(url, body), null, 1))
    }
    if (url.pathname === '/logout') return redirect(await logout())
    if (url.pathname === '/bye') return show('bye', url.search)
    response.writeHead(404)
    response.end()
  }
  const server = http.createServer((request, response) => {
    answer(request, response).catch(error => {
      console.error(error)
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
      response.end(page('failed', `${error.stack}\n${JSON.stringify(error.cause ?? error, null, 1)}`))
    })
  })
  server.listen(settings.port, '127.0.0.1', () => console.log(`ready at ${home}`))
}

async function read(request) {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
