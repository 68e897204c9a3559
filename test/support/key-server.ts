import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type SigningKey, signedToken, signingKey } from './tokens'

const discovery = '/.well-known/openid-configuration'

/** Serves the documents of an issuer over HTTP, and counts the requests. A test can replace each document. */
export class KeyServer {
  url = ''
  keys: SigningKey[] = [signingKey()]
  readonly asked: string[] = []
  /** Handlers that replace the documents at these paths. */
  readonly instead: Record<string, RequestListener> = {}
  #server: Server | undefined
  #port = 0

  /** Listens. After a stop, it uses the same port. */
  async start(): Promise<this> {
    this.#server = createServer((request, response) => {
      const path = request.url ?? ''
      this.asked.push(path)
      const instead = this.instead[path]
      if (instead) return instead(request, response)
      if (path === discovery) return response.end(JSON.stringify({ issuer: this.url, jwks_uri: `${this.url}/keys` }))
      if (path === '/keys') return response.end(JSON.stringify({ keys: this.keys.map(({ published }) => published) }))
      response.writeHead(404).end()
    }).listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.#port = (this.#server.address() as AddressInfo).port
    this.url = `http://127.0.0.1:${this.#port}`
    return this
  }

  async stop(): Promise<void> {
    this.#server?.close()
    this.#server?.closeAllConnections()
    if (this.#server?.listening) await once(this.#server, 'close')
  }

  /** Number of times that the key set was fetched. */
  get fetches(): number {
    return this.asked.filter(path => path === '/keys').length
  }

  /** Returns an Authorization header with a token of this issuer, by default signed with its newest key. */
  bearer(claims: object = {}, key = this.keys.at(-1) as SigningKey): string {
    const exp = Math.floor(Date.now() / 1_000) + 3_600
    return `Bearer ${signedToken({ iss: this.url, aud: 'sessions', sub: 'somebody', exp, role: 'admin', ...claims }, key)}`
  }
}
