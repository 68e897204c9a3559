import * as oauth from 'oauth4webapi'
import { signInPath } from '../route'
import { words } from '../words'
import type { Settings } from './settings'

/** Tokens from the issuer. */
export interface Tokens {
  /** The token that requests to the server carry. */
  shown: string
  id: string
  subject: string
  refresh: string | undefined
}

/** A sign-in in progress at the issuer. Only this tab stores it, until the issuer redirects back. */
export interface Pending {
  state: string
  nonce: string
  verifier: string
  /** Address to return to. */
  back: string
  /** The issuer must not ask the user anything. */
  silent: boolean
}

/** The issuer is unreachable or refuses. The message is a sentence for the user. */
export class NotSignedIn extends Error {
  constructor(
    message: string,
    /** The user must sign in at the issuer. */
    readonly needsSomebody = false,
  ) {
    super(message)
  }
}

const needingSomebody = ['login_required', 'interaction_required', 'consent_required', 'account_selection_required']

/** The issuer of tokens, over OpenID Connect: authorization code flow with PKCE, as a public client. */
export class Issuer {
  readonly #client: oauth.Client
  readonly #redirectUri = new URL(signInPath, location.origin).href
  readonly #url: URL
  readonly #insecure: { [oauth.allowInsecureRequests]?: boolean }
  #server: oauth.AuthorizationServer | undefined

  constructor(readonly settings: Settings & { client_id: string }) {
    this.#client = { client_id: settings.client_id }
    this.#url = new URL(settings.issuer)
    // The server accepts an http issuer on a loopback host only.
    this.#insecure = this.#url.protocol === 'http:' ? { [oauth.allowInsecureRequests]: true } : {}
  }

  get host(): string {
    return this.#url.host
  }

  async #discovered(): Promise<oauth.AuthorizationServer> {
    this.#server ??= await this.#told(async () =>
      oauth.processDiscoveryResponse(this.#url, await oauth.discoveryRequest(this.#url, this.#insecure)),
    )
    return this.#server
  }

  /** Returns the address for the redirect to the issuer, and the data needed after the redirect back. */
  async begin(back: string, silent: boolean): Promise<{ address: string; pending: Pending }> {
    if (!isSecureContext) throw new NotSignedIn(words.signIn.needsHttps)
    const server = await this.#discovered()
    if (!server.authorization_endpoint) throw new NotSignedIn(words.signIn.noEndpoint(this.host))
    const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()]
    const verifier = oauth.generateRandomCodeVerifier()
    const address = new URL(server.authorization_endpoint)
    const asked = {
      scope: 'openid profile',
      ...this.settings.parameters,
      ...(silent && { prompt: 'none' }),
      client_id: this.settings.client_id,
      redirect_uri: this.#redirectUri,
      response_type: 'code',
      state,
      nonce,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    }
    for (const [name, value] of Object.entries(asked)) address.searchParams.set(name, value)
    return { address: address.href, pending: { state, nonce, verifier, back, silent } }
  }

  /** Exchanges the issuer's response for tokens. Checks that it belongs to this sign-in and this issuer. */
  async finish(answer: URLSearchParams, { state, nonce, verifier }: Pending): Promise<Tokens> {
    const server = await this.#discovered()
    return this.#told(async () => {
      const code = oauth.validateAuthResponse(server, this.#client, answer, state)
      const response = await oauth.authorizationCodeGrantRequest(
        server,
        this.#client,
        oauth.None(),
        code,
        this.#redirectUri,
        verifier,
        this.#asking,
      )
      const checks = { expectedNonce: nonce, requireIdToken: true }
      return this.#tokensOf(await oauth.processAuthorizationCodeResponse(server, this.#client, response, checks))
    })
  }

  /** Returns new tokens for the refresh token. */
  async refreshed({ refresh = '', subject, id }: Tokens): Promise<Tokens> {
    const server = await this.#discovered()
    return this.#told(async () => {
      const response = await oauth.refreshTokenGrantRequest(server, this.#client, oauth.None(), refresh, this.#asking)
      const given = await oauth.processRefreshTokenResponse(server, this.#client, response)
      // OpenID Connect Core 1.0 §12.2: the subject must be the same.
      if ((oauth.getValidatedIdTokenClaims(given)?.sub ?? subject) !== subject) {
        throw new NotSignedIn(words.signIn.otherSubject(this.host), true)
      }
      if (this.settings.takesIdToken && !given.id_token) throw new NotSignedIn(words.signIn.noIdToken, true)
      return this.#tokensOf(given, { refresh, subject, id })
    })
  }

  /**
   * Revokes the refresh token. Returns the address that ends the sign-in at the issuer, or undefined if it has none.
   */
  async end({ refresh, id }: Tokens): Promise<string | undefined> {
    const server = await this.#discovered()
    if (refresh && server.revocation_endpoint) {
      const signal = AbortSignal.timeout(2_000)
      const withdraw = { ...this.#insecure, signal }
      await oauth.revocationRequest(server, this.#client, oauth.None(), refresh, withdraw).catch(() => {})
    }
    if (!server.end_session_endpoint) return undefined
    const address = new URL(server.end_session_endpoint)
    const asked = {
      id_token_hint: id,
      client_id: this.settings.client_id,
      post_logout_redirect_uri: this.#redirectUri,
    }
    for (const [name, value] of Object.entries(asked)) address.searchParams.set(name, value)
    return address.href
  }

  /** Options for the token endpoint. A resource in the sign-in's parameters is sent there too (RFC 8707 §2.2). */
  get #asking() {
    const { resource } = this.settings.parameters
    return { ...this.#insecure, ...(resource && { additionalParameters: { resource } }) }
  }

  #tokensOf(given: oauth.TokenEndpointResponse, before?: Omit<Tokens, 'shown'>): Tokens {
    const id = given.id_token ?? before?.id ?? ''
    return {
      shown: this.settings.takesIdToken ? id : given.access_token,
      id,
      subject: oauth.getValidatedIdTokenClaims(given)?.sub ?? before?.subject ?? '',
      refresh: given.refresh_token ?? before?.refresh,
    }
  }

  /** Sends a request to the issuer. Throws NotSignedIn, with a sentence for the user, if it fails. */
  async #told<T>(asked: () => Promise<T>): Promise<T> {
    try {
      return await asked()
    } catch (error) {
      if (error instanceof NotSignedIn) throw error
      if (error instanceof oauth.AuthorizationResponseError || error instanceof oauth.ResponseBodyError) {
        const said = error.error_description ? `${error.error_description} (${error.error})` : error.error
        const needsSomebody = error instanceof oauth.ResponseBodyError || needingSomebody.includes(error.error)
        throw new NotSignedIn(words.signIn.refused(this.host, said), needsSomebody)
      }
      if (error instanceof oauth.OperationProcessingError || error instanceof oauth.UnsupportedOperationError) {
        throw new NotSignedIn(words.signIn.badAnswer(this.host, error.message))
      }
      throw new Unasked(this.host)
    }
  }
}

/** The issuer does not respond to this page. */
export class Unasked extends NotSignedIn {
  constructor(host: string) {
    super(words.signIn.unreachable(host, location.origin))
  }
}
