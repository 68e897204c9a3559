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
  /** Somebody is to sign in, and why. */
  | { is: 'out'; why: string | null }
  | { is: 'refused'; why: string; withAccount: boolean }
  /** What is typed is kept until he signs in again, where his sign-in has ended: says why it is not renewed. */
  | { is: 'in'; ended: string | null }

export const signIn = new Store<SignIn>({ is: 'entering' })

const pendingKey = 'sign-in'
const signedOutKey = 'signed-out'

/** A token is replaced so long before it ends, at most. */
const aheadMs = 60_000
/** Of tokens that end sooner than this, none is fetched by leaving the page on its own. */
const shortestRoundMs = 20_000
/** No timer is longer. */
const longestMs = 2 ** 31 - 1

/** Signs a user in, and keeps him so. His tokens are in the memory of this page alone (docs/security.md). */
export class Entrance {
  #tokens: Tokens | undefined
  #renewing: Promise<boolean> | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #lifetime = 0
  /** The other tabs. */
  readonly #others = new BroadcastChannel('sign-in')

  constructor(
    readonly issuer: Issuer,
    /** Called once, when the first token is taken. */
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
    // A page that is come back to by the history stands where it left for the issuer.
    addEventListener('pageshow', ({ persisted }) => persisted && location.reload())
  }

  /** Goes on where the issuer sent somebody back; signs him in whom the issuer knows; otherwise he is asked to. */
  async enter(): Promise<void> {
    const { pathname, search, hash } = location
    if (pathname !== signInPath) {
      if (sessionStorage.getItem(signedOutKey)) this.#out(null)
      else await this.signIn({ silent: true })
      return
    }
    const pending = JSON.parse(sessionStorage.getItem(pendingKey) ?? 'null') as Pending | null
    sessionStorage.removeItem(pendingKey)
    // The code is in no history, and in nothing that is shown or sent.
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

  /** Leaves for the issuer, and comes back to this address. Nobody is asked anything where it is to be silent. */
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
    sessionStorage.clear() // of what was typed and pasted
    sessionStorage.setItem(signedOutKey, 'true')
    location.replace(address)
  }

  #out(why: string | null): void {
    signIn.set({ is: 'out', why })
  }

  #refuse(why: string, withAccount = false): void {
    signIn.set({ is: 'refused', why, withAccount })
  }

  /** Asks the server who that is, and lets him in. */
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
    // By the server's clock: this one may be wrong.
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

  /** Other tokens in place of these: whether there are any. */
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
      // The issuer may be there again before the token ends, or later.
      this.#renewIn(Math.max(2_000, this.#lifetime / 20))
      return false
    }
  }

  /** Where the issuer is to be gone to for another token: at once, unless something would be lost by it. */
  async #again(): Promise<boolean> {
    if (unsaved.value || this.#lifetime < shortestRoundMs) signIn.set({ is: 'in', ended: '' })
    else await this.signIn({ silent: true })
    return false
  }
}

/** The entrance to a page whose users sign in with these settings. What it takes is loaded for it only. */
export async function entranceOf(settings: Settings & { client_id: string }, entered: () => void): Promise<Entrance> {
  const { Issuer } = await import('./tokens')
  return new Entrance(new Issuer(settings), entered)
}
