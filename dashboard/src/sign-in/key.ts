import { backoffMs, delay } from '../../../packages/client/src/retry.js'
import { basePath } from '../base-path'
import { setTokenProvider } from '../graphql/client'
import { signInPath } from '../router'
import { words } from '../words'
import { type Caller, caller } from './caller'
import { callerIn, requestCaller, signInState } from './sign-in'

const storageKey = 'service key'

/**
 * Signs the user in with a service key, which this tab stores until the user signs out (docs/reference/security.md).
 */
export class KeySignIn {
  #key: string | undefined
  /** Channel to other open tabs of the dashboard. */
  readonly #others = new BroadcastChannel('sign-in')

  constructor(
    /** Called once, after the server has accepted the first key. */
    readonly onSignedIn: () => void,
  ) {
    setTokenProvider({
      current: async () => this.#key,
      renew: async refused => {
        if (this.#key !== refused) return this.#key !== undefined
        sessionStorage.removeItem(storageKey)
        const { value } = signInState
        if (value.status === 'signed-in' && value.ended === null) signInState.set({ status: 'signed-in', ended: '' })
        return false
      },
    })
    this.#others.onmessage = () => this.#forget()
  }

  /** Signs the user in with the service key stored in this tab. Retries until the server responds. */
  async start(): Promise<void> {
    const key = sessionStorage.getItem(storageKey)
    if (key === null) return signInState.set({ status: 'signed-out', why: null })
    for (let attempt = 0; ; attempt++) {
      const response = await requestCaller(key)
      if (response?.ok) return this.#accept(key, await callerIn(response))
      if (response?.status === 401) {
        sessionStorage.removeItem(storageKey)
        return signInState.set({ status: 'signed-out', why: words.signIn.keyRefused })
      }
      await delay(backoffMs(attempt))
    }
  }

  /**
   * Signs the user in if the server accepts the key. If the server refuses the key, returns a message that says why.
   */
  async signIn(text: string): Promise<string | null> {
    const key = text.trim()
    if (!isToken.test(key)) return words.signIn.keyRefused
    const response = await requestCaller(key)
    if (response?.status === 401) return words.signIn.keyRefused
    if (!response?.ok) return words.unreachable
    const user = await callerIn(response)
    if (this.#key !== undefined && rightsOf(user) !== rightsOf(caller.value)) return words.signIn.otherKey
    this.#accept(key, user)
    return null
  }

  #accept(key: string, user: Caller): void {
    const isFirst = this.#key === undefined
    this.#key = key
    try {
      sessionStorage.setItem(storageKey, key)
    } catch {
      // If an import's rows have filled the browser's storage, the key is lost when the page is reloaded.
    }
    caller.set(user)
    if (location.pathname === signInPath) {
      history.replaceState(null, '', `${basePath}/`)
      dispatchEvent(new PopStateEvent('popstate'))
    }
    signInState.set({ status: 'signed-in', ended: null })
    if (isFirst) this.onSignedIn()
  }

  signOut(): void {
    this.#others.postMessage('signed out')
    this.#forget()
  }

  #forget(): void {
    this.#key = undefined
    sessionStorage.clear() // the key, drafts and pasted rows
    location.replace(signInPath)
  }
}

/** Matches a bearer token (RFC 6750 §2.1). */
const isToken = /^[\w.~+/-]+=*$/

/**
 * Returns the permissions that determine what the page shows. While the page is open, the user can replace the key only
 * by a key with the same permissions.
 */
const rightsOf = ({ may, mentorId, organisationId }: Caller): string => JSON.stringify([may, mentorId, organisationId])
