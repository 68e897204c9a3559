import { camelCased } from '../../../packages/client/src/names.js'
import { backoffMs } from '../../../packages/client/src/retry.js'
import { basePath } from '../base-path'
import { setTokenProvider } from '../graphql/client'
import { signInPath } from '../router'
import { hasUnsavedInput, Store } from '../store'
import { words } from '../words'
import { type Caller, caller } from './caller'
import type { Issuer, PendingSignIn, SignInError, Tokens } from './issuer'
import type { IssuerSettings } from './settings'

export type SignInState =
  | { status: 'pending' }
  /** The user must sign in. `why` is the reason to show to the user, or null if there is none. */
  | { status: 'signed-out'; why: string | null }
  | { status: 'refused'; why: string; withAccount: boolean }
  /**
   * The user is signed in. `ended` is null unless the sign-in has expired and could not be renewed. If the renewal
   * failed, `ended` is the reason to show to the user, or '' if there is none. After a failed renewal, the page keeps
   * the user's input until the user signs in again.
   */
  | { status: 'signed-in'; ended: string | null }

export const signInState = new Store<SignInState>({ status: 'pending' })

/** Asks the server which caller a token identifies. Resolves to null if the server does not respond. */
export const requestCaller = (token: string): Promise<Response | null> =>
  fetch(`${basePath}/api/v1/benefit-caller`, { headers: { Authorization: `Bearer ${token}` } }).catch(() => null)

/** Reads the caller from the server's successful response. */
export const callerIn = async (response: Response): Promise<Caller> => camelCased(await response.json()) as Caller

const pendingKey = 'sign-in'
const signedOutKey = 'signed-out'

/**
 * Time in ms between a token's renewal and its expiry. Short-lived tokens are renewed in the last quarter of their
 * lifetime.
 */
const renewAheadMs = 60_000
/**
 * Minimum token lifetime in ms for automatic renewal by redirect. Tokens with a shorter lifetime would cause constant
 * redirects.
 */
const minRedirectLifetimeMs = 20_000
/** Maximum delay that `setTimeout` supports, in ms. */
const maxTimerMs = 2 ** 31 - 1

/** Signs the user in and renews the tokens. Tokens are kept only in the page's memory (docs/reference/security.md). */
export class SignIn {
  #tokens: Tokens | undefined
  #renewing: Promise<boolean> | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #lifetime = 0
  /** Channel to other open tabs of the dashboard. */
  readonly #others = new BroadcastChannel('sign-in')

  constructor(
    readonly issuer: Issuer,
    /** Called once, after the server has accepted the first token. */
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
    // Reload a page that was restored from the browser's back/forward cache, because it is still waiting for a
    // redirect.
    addEventListener('pageshow', ({ persisted }) => persisted && location.reload())
  }

  /**
   * Completes the sign-in if the issuer has redirected back to the page. Otherwise, tries to sign in silently, unless
   * the user has signed out. If the sign-in fails, shows the sign-in page.
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
    // Remove the authorization code from the page's address and history, so that the code is neither shown nor sent as
    // a referrer.
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

  /**
   * Redirects to the issuer, which redirects to `back` after the sign-in. If `silent` is true, the issuer does not
   * prompt the user.
   */
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

  /** Asks the server who the caller is, and completes the sign-in. Retries until the server responds. */
  async #accept(tokens: Tokens): Promise<void> {
    this.#tokens = tokens
    for (let attempt = 0; ; attempt++) {
      const answer = await requestCaller(tokens.bearer)
      if (tokens !== this.#tokens) return
      if (answer?.ok) return this.#signedIn(answer.headers.get('Date'), await callerIn(answer))
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
    // Use the server's clock, because the local clock may be wrong.
    const now = date ? Date.parse(date) : Date.now()
    this.#lifetime = user.expiresAt === null ? maxTimerMs : Date.parse(user.expiresAt) - now
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

  /** Renews the tokens. Resolves to whether the renewal succeeded. */
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
      // Retry the renewal later, when the issuer may be reachable again.
      this.#renewIn(Math.max(2_000, this.#lifetime / 20))
      return false
    }
  }

  /**
   * Renews the tokens by redirecting to the issuer. If unsaved input would be lost, or if the token lifetime is too
   * short, asks the user to sign in again instead.
   */
  async #renewByRedirect(): Promise<boolean> {
    if (hasUnsavedInput.value || this.#lifetime < minRedirectLifetimeMs)
      signInState.set({ status: 'signed-in', ended: '' })
    else await this.signIn({ silent: true })
    return false
  }
}

/** Creates the sign-in for an issuer's settings. Loads the OpenID Connect code on demand. */
export async function loadSignIn(
  settings: IssuerSettings & { client_id: string },
  entered: () => void,
): Promise<SignIn> {
  const { Issuer } = await import('./issuer')
  return new SignIn(new Issuer(settings), entered)
}
