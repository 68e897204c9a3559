import { backoffMs } from '../../../packages/client/src/backoff.js'
import { basePath } from '../base-path'
import { signInBy } from '../graphql/tokens'
import { signInPath } from '../route'
import { Store, unsaved } from '../store'
import { words } from '../words'
import { type Caller, caller } from './caller'
import type { Settings } from './settings'
import type { Issuer, NotSignedIn, Pending, Tokens } from './tokens'

export type SignIn =
  | { is: 'entering' }
  /** The user must sign in. `why` is the reason, if there is one. */
  | { is: 'out'; why: string | null }
  | { is: 'refused'; why: string; withAccount: boolean }
  /**
   * The user is signed in. `ended` is null, or the reason why an expired sign-in was not renewed ('' for none). The
   * page then keeps the user's input until the next sign-in.
   */
  | { is: 'in'; ended: string | null }

export const signIn = new Store<SignIn>({ is: 'entering' })

const pendingKey = 'sign-in'
const signedOutKey = 'signed-out'

/** Maximum time by which a token is renewed before it expires, in ms. */
const aheadMs = 60_000
/** Minimum lifetime in ms of tokens that the page renews by a redirect of its own. */
const shortestRoundMs = 20_000
/** Longest delay of a timer, in ms. */
const longestMs = 2 ** 31 - 1

/** Signs a user in and renews the tokens. Tokens are only in the memory of this page (docs/security.md). */
export class Entrance {
  #tokens: Tokens | undefined
  #renewing: Promise<boolean> | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #lifetime = 0
  /** Channel to the other tabs. */
  readonly #others = new BroadcastChannel('sign-in')

  constructor(
    readonly issuer: Issuer,
    /** Called once, after the first token is accepted. */
    readonly entered: () => void,
  ) {
    signInBy({
      current: async () => {
        await this.#renewing
        return this.#tokens?.shown
      },
      renewed: refused => this.#renewed(refused),
    })
    this.#others.onmessage = () => this.#forget()
    // A page restored from the browser's history still has the state in which it left for the issuer.
    addEventListener('pageshow', ({ persisted }) => persisted && location.reload())
  }

  /**
   * Continues a sign-in from which the issuer redirects back. Otherwise tries a silent sign-in, unless the user signed
   * out. If neither works without the user, shows the sign-in page.
   */
  async enter(): Promise<void> {
    const { pathname, search, hash } = location
    if (pathname !== signInPath) {
      if (sessionStorage.getItem(signedOutKey)) this.#out(null)
      else await this.signIn({ silent: true })
      return
    }
    const pending = JSON.parse(sessionStorage.getItem(pendingKey) ?? 'null') as Pending | null
    sessionStorage.removeItem(pendingKey)
    // Removes the authorization code from the history, and from the address that is shown or sent.
    history.replaceState(null, '', pending?.back ?? `${basePath}/`)
    dispatchEvent(new PopStateEvent('popstate'))
    const answer = new URLSearchParams(search || hash.slice(1))
    if (!pending || !(answer.has('code') || answer.has('error'))) return this.#out(null)
    try {
      await this.#take(await this.issuer.finish(answer, pending))
    } catch (error) {
      const { message, needsSomebody } = error as NotSignedIn
      if (pending.silent && needsSomebody) this.#out(null)
      else this.#refuse(message)
    }
  }

  /** Redirects to the issuer, which redirects back to `back`. If `silent`, the issuer asks the user nothing. */
  async signIn({ silent = false, back = location.pathname + location.search + location.hash } = {}): Promise<void> {
    if (signIn.value.is !== 'in') signIn.set({ is: 'entering' })
    sessionStorage.removeItem(signedOutKey)
    try {
      const { address, pending } = await this.issuer.begin(back, silent)
      sessionStorage.setItem(pendingKey, JSON.stringify(pending))
      location.assign(address)
    } catch (error) {
      const { message } = error as Error
      if (signIn.value.is === 'in') signIn.set({ is: 'in', ended: message })
      else this.#refuse(message)
    }
  }

  async signOut(): Promise<void> {
    const tokens = this.#tokens
    this.#others.postMessage('signed out')
    const address = tokens && (await this.issuer.end(tokens).catch(() => undefined))
    this.#forget(address)
  }

  #forget(address = signInPath): void {
    clearTimeout(this.#timer)
    this.#tokens = undefined
    sessionStorage.clear() // drafts and pasted rows
    sessionStorage.setItem(signedOutKey, 'true')
    location.replace(address)
  }

  #out(why: string | null): void {
    signIn.set({ is: 'out', why })
  }

  #refuse(why: string, withAccount = false): void {
    signIn.set({ is: 'refused', why, withAccount })
  }

  /** Asks the server for the caller of the tokens, and admits it. Retries until the server answers. */
  async #take(tokens: Tokens): Promise<void> {
    this.#tokens = tokens
    for (let attempt = 0; ; attempt++) {
      const answer = await fetch(`${basePath}/api/v1/benefit-caller`, {
        headers: { Authorization: `Bearer ${tokens.shown}` },
      }).catch(() => null)
      if (tokens !== this.#tokens) return
      if (answer?.ok) return this.#admit(answer.headers.get('Date'), (await answer.json()) as Caller)
      if (answer?.status === 403) return this.#refuse(words.signIn.noRole, true)
      if (answer?.status === 401) {
        const said = /error_description="([^"]*)"/.exec(answer.headers.get('WWW-Authenticate') ?? '')?.[1]
        return this.#refuse(`${words.signIn.tokenRefused(this.issuer.host)} ${said ?? ''}`, true)
      }
      await new Promise(resolve => setTimeout(resolve, backoffMs(attempt)))
    }
  }

  #admit(date: string | null, who: Caller): void {
    caller.set(who)
    // Uses the server's clock, because the local one may be wrong.
    const now = date ? Date.parse(date) : Date.now()
    this.#lifetime = who.expires_at === null ? longestMs : Date.parse(who.expires_at) - now
    const ahead = Math.min(aheadMs, this.#lifetime / 4)
    this.#renewIn(this.#lifetime - ahead)
    const isFirst = signIn.value.is !== 'in'
    signIn.set({ is: 'in', ended: null })
    if (isFirst) this.entered()
  }

  #renewIn(ms: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#renew(), Math.min(ms, longestMs))
  }

  async #renewed(refused: string): Promise<boolean> {
    await this.#renewing
    return this.#tokens !== undefined && (this.#tokens.shown !== refused || this.#renew())
  }

  /** Renews the tokens. Resolves to whether there are new ones. */
  #renew(): Promise<boolean> {
    this.#renewing ??= this.#replaced().finally(() => {
      this.#renewing = undefined
    })
    return this.#renewing
  }

  async #replaced(): Promise<boolean> {
    const tokens = this.#tokens
    if (!tokens?.refresh) return this.#again()
    try {
      const next = await this.issuer.refreshed(tokens)
      if (this.#tokens !== tokens) return false
      this.#tokens = next
      this.#take(next)
      return true
    } catch (error) {
      if (this.#tokens !== tokens) return false
      if ((error as NotSignedIn).needsSomebody) return this.#again()
      // Retries, because the issuer may become reachable again.
      this.#renewIn(Math.max(2_000, this.#lifetime / 20))
      return false
    }
  }

  /**
   * Gets new tokens by a redirect to the issuer. Reports an ended sign-in instead if input would be lost, or if tokens
   * are too short-lived.
   */
  async #again(): Promise<boolean> {
    if (unsaved.value || this.#lifetime < shortestRoundMs) signIn.set({ is: 'in', ended: '' })
    else await this.signIn({ silent: true })
    return false
  }
}

/** Returns the entrance for these settings. Loads the OpenID Connect code only here. */
export async function entranceOf(settings: Settings & { client_id: string }, entered: () => void): Promise<Entrance> {
  const { Issuer } = await import('./tokens')
  return new Entrance(new Issuer(settings), entered)
}
