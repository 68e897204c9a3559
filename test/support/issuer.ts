import { type ChildProcess, fork } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import type { IssuerOptions } from './issuer-process'
import { freePort } from './port'
import type { people } from './tokens'

const redirectUri = 'http://127.0.0.1/'

/**
 * A real issuer (oidc-provider) in its own process. It has one account for each of `people`, and each accepts any
 * password.
 */
export class IssuerProcess {
  url = ''
  readonly client_id = 'dashboard'
  readonly #options: IssuerOptions
  #child: ChildProcess | undefined

  /** Stops the process after the suite. */
  constructor(options: Partial<IssuerOptions> = {}) {
    afterAll(() => this.stop())
    this.#options = {
      port: 0,
      tokenSeconds: 3_600,
      audience: 'sessions',
      refreshes: true,
      redirectUris: [redirectUri],
      ...options,
    }
  }

  /** Configuration of a server that accepts the issuer's tokens. */
  get config() {
    return { AUTH_ISSUER: this.url, AUTH_AUDIENCE: this.#options.audience, AUTH_CLIENT_ID: this.client_id }
  }

  /** Chooses port and URL before the issuer starts. */
  async settle(): Promise<this> {
    this.#options.port = await freePort()
    this.url = `http://127.0.0.1:${this.#options.port}`
    return this
  }

  /** Starts the issuer with new keys. After a stop, it has the same address. */
  async start(options: Partial<IssuerOptions> = {}): Promise<this> {
    await this.stop()
    Object.assign(this.#options, options)
    this.#child = fork(join(__dirname, 'issuer-process.js'), { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
    this.#child.send(this.#options)
    const [url] = await once(this.#child, 'message')
    this.url = url
    this.#options.port = Number(new URL(url).port)
    return this
  }

  async stop(): Promise<void> {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }

  /** Signs in by authorization code with PKCE, as the dashboard does. Returns the token. */
  async signedIn(login: keyof typeof people): Promise<string> {
    const verifier = randomBytes(32).toString('base64url')
    const cookies = new Map<string, string>()
    const go = async (url: string, body?: URLSearchParams): Promise<string> => {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
      const sent = body ? { method: 'POST', body } : {}
      const { headers } = await fetch(url, { ...sent, headers: { cookie }, redirect: 'manual' })
      for (const [, name = '', value = ''] of headers
        .getSetCookie()
        .flatMap(text => [...text.matchAll(/^([^=]+)=([^;]*)/g)])) {
        cookies.set(name, value)
      }
      return new URL(headers.get('location') ?? '', url).href
    }
    const asked = new URLSearchParams({
      client_id: this.client_id,
      redirect_uri: redirectUri,
      response_type: 'code',
      scope: 'openid profile',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    })
    const form = await go(`${this.url}/auth?${asked}`)
    const resumed = await go(form, new URLSearchParams({ prompt: 'login', login, password: 'any' }))
    const code = new URL(await go(resumed)).searchParams.get('code') ?? ''
    const body = new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: this.client_id,
      redirect_uri: redirectUri,
      code_verifier: verifier,
      code,
    })
    const answer = await fetch(`${this.url}/token`, { method: 'POST', body })
    const { access_token } = (await answer.json()) as { access_token: string }
    return access_token
  }
}
