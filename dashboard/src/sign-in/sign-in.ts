import { backoffMs } from '../../../packages/client/src/retry.js'
import { basePath } from '../base-path'
import { setTokenProvider } from '../graphql/client'
import { signInPath } from '../router'
import { hasUnsavedInput, Store } from '../store'
import { words } from '../words'
import { type Caller, caller, requestCaller } from './caller'
import type { Issuer, PendingSignIn, SignInError, Tokens } from './issuer'
import type { IssuerSettings } from './settings'

export type SignInState =
  | { status: 'pending' }
  /** The user must sign in. `why` is the reason, if there is one. */
  | { status: 'signed-out'; why: string | null }
  | { status: 'refused'; why: string; withAccount: boolean }
  /**
   * The user is signed in. `ended` is null, or the reason why an expired sign-in was not renewed ('' for none). The
   * page then keeps the user's input until the next sign-in.
   */
  | { status: 'signed-in'; ended: string | null }

export const signInState = new Store<SignInState>({ status: 'pending' })

const pendingKey = 'sign-in'
const signedOutKey = 'signed-out'

/** Maximum time in ms by which a token is renewed before its expiry. */
const renewAheadMs = 60_000
/** Minimum lifetime in ms of tokens that the page renews by redirecting on its own. */
const minRedirectLifetimeMs = 20_000
/** Maximum delay of a timer, in ms. */
const maxTimerMs = 2 ** 31 - 1

/** Signs a user in and renews the tokens. Only the memory of this page has the tokens (docs/reference/security.md). */
export class SignIn {
  #tokens: Tokens | undefined
  #renewing: Promise<boolean> | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #lifetime = 0
  /** Channel to the other tabs. */
  readonly #others = new BroadcastChannel('sign-in')

  constructor(
    readonly issuer: Issuer,
    /** Called once, after the first token is accepted. */
    readonly onSignedIn: () => void,
  ) {
    setTokenProvider({
      current: async () => {
        await this.#renewing
        return this.#tokens?.bearer
      },
      renew: refused => this.#renewRefused(refused),
    })
    this.#others.onmessage = () => this.#forget()
    // A page restored from the browser's history still has the state in which it left for the issuer.
    addEventListener('pageshow', ({ persisted }) => persisted && location.reload())
  }

  /**
   * Continues a sign-in from which the issuer redirects back. Otherwise tries a silent sign-in, unless the user signed
   * out. If neither works without the user, shows the sign-in page.
   */
  async start(): Promise<void> {
    const { pathname, search, hash } = location
    if (pathname !== signInPath) {
      if (sessionStorage.getItem(signedOutKey)) this.#setSignedOut(null)
      else await this.signIn({ silent: true })
      return
    }
    const pending = JSON.parse(sessionStorage.getItem(pendingKey) ?? 'null') as PendingSignIn | null
    sessionStorage.removeItem(pendingKey)
    // Remove the authorization code from the history, and from the address that is shown or sent.
    history.replaceState(null, '', pending?.back ?? `${basePath}/`)
    dispatchEvent(new PopStateEvent('popstate'))
    const answer = new URLSearchParams(search || hash.slice(1))
    if (!pending || !(answer.has('code') || answer.has('error'))) return this.#setSignedOut(null)
    try {
      await this.#accept(await this.issuer.finishSignIn(answer, pending))
    } catch (error) {
      const { message, needsUser } = error as SignInError
      if (pending.silent && needsUser) this.#setSignedOut(null)
      else this.#refuse(message)
    }
  }

  /** Redirects to the issuer, which redirects back to `back`. If `silent`, the issuer asks the user nothing. */
  async signIn({ silent = false, back = location.pathname + location.search + location.hash } = {}): Promise<void> {
    if (signInState.value.status !== 'signed-in') signInState.set({ status: 'pending' })
    sessionStorage.removeItem(signedOutKey)
    try {
      const { address, pending } = await this.issuer.beginSignIn(back, silent)
      sessionStorage.setItem(pendingKey, JSON.stringify(pending))
      location.assign(address)
    } catch (error) {
      const { message } = error as Error
      if (signInState.value.status === 'signed-in') signInState.set({ status: 'signed-in', ended: message })
      else this.#refuse(message)
    }
  }

  async signOut(): Promise<void> {
    const tokens = this.#tokens
    this.#others.postMessage('signed out')
    const address = tokens && (await this.issuer.signOut(tokens).catch(() => undefined))
    this.#forget(address)
  }

  #forget(address = signInPath): void {
    clearTimeout(this.#timer)
    this.#tokens = undefined
    sessionStorage.clear() // drafts and pasted rows
    sessionStorage.setItem(signedOutKey, 'true')
    location.replace(address)
  }

  #setSignedOut(why: string | null): void {
    signInState.set({ status: 'signed-out', why })
  }

  #refuse(why: string, withAccount = false): void {
    signInState.set({ status: 'refused', why, withAccount })
  }

  /** Asks the server for the caller of the tokens, and admits the caller. Retries until the server responds. */
  async #accept(tokens: Tokens): Promise<void> {
    this.#tokens = tokens
    for (let attempt = 0; ; attempt++) {
      const answer = await requestCaller(tokens.bearer)
      if (tokens !== this.#tokens) return
      if (answer?.ok) return this.#signedIn(answer.headers.get('Date'), (await answer.json()) as Caller)
      if (answer?.status === 403) return this.#refuse(words.signIn.noRole, true)
      if (answer?.status === 401) {
        const reason = /error_description="([^"]*)"/.exec(answer.headers.get('WWW-Authenticate') ?? '')?.[1]
        return this.#refuse(`${words.signIn.tokenRefused(this.issuer.host)} ${reason ?? ''}`, true)
      }
      await new Promise(resolve => setTimeout(resolve, backoffMs(attempt)))
    }
  }

  #signedIn(date: string | null, user: Caller): void {
    caller.set(user)
    // Use the server's clock, because the local one may be wrong.
    const now = date ? Date.parse(date) : Date.now()
    this.#lifetime = user.expires_at === null ? maxTimerMs : Date.parse(user.expires_at) - now
    const ahead = Math.min(renewAheadMs, this.#lifetime / 4)
    this.#renewIn(this.#lifetime - ahead)
    const isFirst = signInState.value.status !== 'signed-in'
    signInState.set({ status: 'signed-in', ended: null })
    if (isFirst) this.onSignedIn()
  }

  #renewIn(ms: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#renew(), Math.min(ms, maxTimerMs))
  }

  async #renewRefused(refused: string): Promise<boolean> {
    await this.#renewing
    return this.#tokens !== undefined && (this.#tokens.bearer !== refused || this.#renew())
  }

  /** Renews the tokens. Resolves to whether there are new ones. */
  #renew(): Promise<boolean> {
    this.#renewing ??= this.#replaceTokens().finally(() => {
      this.#renewing = undefined
    })
    return this.#renewing
  }

  async #replaceTokens(): Promise<boolean> {
    const tokens = this.#tokens
    if (!tokens?.refreshToken) return this.#renewByRedirect()
    try {
      const next = await this.issuer.refresh(tokens)
      if (this.#tokens !== tokens) return false
      this.#tokens = next
      void this.#accept(next)
      return true
    } catch (error) {
      if (this.#tokens !== tokens) return false
      if ((error as SignInError).needsUser) return this.#renewByRedirect()
      // Retry, because the issuer may become reachable again.
      this.#renewIn(Math.max(2_000, this.#lifetime / 20))
      return false
    }
  }

  /**
   * Gets new tokens by redirecting to the issuer. If input would be lost, or if tokens are too short-lived, reports an
   * ended sign-in instead.
   */
  async #renewByRedirect(): Promise<boolean> {
    if (hasUnsavedInput.value || this.#lifetime < minRedirectLifetimeMs)
      signInState.set({ status: 'signed-in', ended: '' })
    else await this.signIn({ silent: true })
    return false
  }
}

/** Returns the sign-in for these settings. Loads the OpenID Connect code only here. */
export async function loadSignIn(
  settings: IssuerSettings & { client_id: string },
  entered: () => void,
): Promise<SignIn> {
  const { Issuer } = await import('./issuer')
  return new SignIn(new Issuer(settings), entered)
}
