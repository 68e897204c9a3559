import * as oauth from 'oauth4webapi'
import { signInPath } from '../router'
import { words } from '../words'
import type { IssuerSettings } from './settings'

export interface Tokens {
  /** The token sent with requests to the server. */
  bearer: string
  idToken: string
  subject: string
  refreshToken: string | undefined
}

/** A sign-in in progress at the issuer, stored in this tab until the issuer redirects back. */
export interface PendingSignIn {
  state: string
  nonce: string
  verifier: string
  back: string
  /** Whether the sign-in is silent, so that the issuer must not prompt the user. */
  silent: boolean
}

/** Thrown if the issuer is unreachable or has refused the sign-in. The error message is meant for the user. */
export class SignInError extends Error {
  constructor(
    message: string,
    /** Whether the user must sign in at the issuer to resolve the error. */
    readonly needsUser = false,
  ) {
    super(message)
  }
}

const interactionErrors = ['login_required', 'interaction_required', 'consent_required', 'account_selection_required']

/** OpenID Connect client for the token issuer: a public client that uses the authorization code flow with PKCE. */
export class Issuer {
  readonly #client: oauth.Client
  readonly #redirectUri = new URL(signInPath, location.origin).href
  readonly #url: URL
  readonly #insecure: { [oauth.allowInsecureRequests]?: boolean }
  #server: oauth.AuthorizationServer | undefined

  constructor(readonly settings: IssuerSettings & { client_id: string }) {
    this.#client = { client_id: settings.client_id }
    this.#url = new URL(settings.issuer)
    // The Benefit Sessions server accepts an issuer with an `http:` URL only on a loopback host.
    this.#insecure = this.#url.protocol === 'http:' ? { [oauth.allowInsecureRequests]: true } : {}
  }

  get host(): string {
    return this.#url.host
  }

  async #discovered(): Promise<oauth.AuthorizationServer> {
    this.#server ??= await this.#request(async () =>
      oauth.processDiscoveryResponse(this.#url, await oauth.discoveryRequest(this.#url, this.#insecure)),
    )
    return this.#server
  }

  /**
   * Returns the issuer's URL at which the user signs in, and the state that is needed after the issuer redirects back.
   */
  async beginSignIn(back: string, silent: boolean): Promise<{ address: string; pending: PendingSignIn }> {
    if (!isSecureContext) throw new SignInError(words.signIn.needsHttps)
    const server = await this.#discovered()
    if (!server.authorization_endpoint) throw new SignInError(words.signIn.noEndpoint(this.host))
    const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()]
    const verifier = oauth.generateRandomCodeVerifier()
    const address = new URL(server.authorization_endpoint)
    const parameters = {
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
    for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value)
    return { address: address.href, pending: { state, nonce, verifier, back, silent } }
  }

  /**
   * Exchanges the authorization response for tokens, after verifying that the response belongs to this sign-in and
   * issuer.
   */
  async finishSignIn(answer: URLSearchParams, { state, nonce, verifier }: PendingSignIn): Promise<Tokens> {
    const server = await this.#discovered()
    return this.#request(async () => {
      const code = oauth.validateAuthResponse(server, this.#client, answer, state)
      const response = await oauth.authorizationCodeGrantRequest(
        server,
        this.#client,
        oauth.None(),
        code,
        this.#redirectUri,
        verifier,
        this.#tokenRequestOptions,
      )
      const checks = { expectedNonce: nonce, requireIdToken: true }
      return this.#tokensOf(await oauth.processAuthorizationCodeResponse(server, this.#client, response, checks))
    })
  }

  async refresh({ refreshToken = '', subject, idToken }: Tokens): Promise<Tokens> {
    const server = await this.#discovered()
    return this.#request(async () => {
      const response = await oauth.refreshTokenGrantRequest(
        server,
        this.#client,
        oauth.None(),
        refreshToken,
        this.#tokenRequestOptions,
      )
      const tokens = await oauth.processRefreshTokenResponse(server, this.#client, response)
      // A refreshed ID token must have the same subject as the original one (OpenID Connect Core 1.0 §12.2).
      if ((oauth.getValidatedIdTokenClaims(tokens)?.sub ?? subject) !== subject) {
        throw new SignInError(words.signIn.otherSubject(this.host), true)
      }
      if (this.settings.takesIdToken && !tokens.id_token) throw new SignInError(words.signIn.noIdToken, true)
      return this.#tokensOf(tokens, { refreshToken, subject, idToken })
    })
  }

  /**
   * Revokes the refresh token. Returns the URL that ends the user's session at the issuer, or undefined if the issuer
   * has no such URL.
   */
  async signOut({ refreshToken, idToken }: Tokens): Promise<string | undefined> {
    const server = await this.#discovered()
    if (refreshToken && server.revocation_endpoint) {
      const signal = AbortSignal.timeout(2_000)
      const options = { ...this.#insecure, signal }
      await oauth.revocationRequest(server, this.#client, oauth.None(), refreshToken, options).catch(() => {})
    }
    if (!server.end_session_endpoint) return undefined
    const address = new URL(server.end_session_endpoint)
    const parameters = {
      id_token_hint: idToken,
      client_id: this.settings.client_id,
      post_logout_redirect_uri: this.#redirectUri,
    }
    for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value)
    return address.href
  }

  /** Options for token requests, which must repeat the authorization request's `resource` parameter (RFC 8707 §2.2). */
  get #tokenRequestOptions() {
    const { resource } = this.settings.parameters
    return { ...this.#insecure, ...(resource && { additionalParameters: { resource } }) }
  }

  #tokensOf(response: oauth.TokenEndpointResponse, before?: Omit<Tokens, 'bearer'>): Tokens {
    const idToken = response.id_token ?? before?.idToken ?? ''
    return {
      bearer: this.settings.takesIdToken ? idToken : response.access_token,
      idToken,
      subject: oauth.getValidatedIdTokenClaims(response)?.sub ?? before?.subject ?? '',
      refreshToken: response.refresh_token ?? before?.refreshToken,
    }
  }

  /** Sends a request to the issuer. If the request fails, throws SignInError with a message for the user. */
  async #request<T>(send: () => Promise<T>): Promise<T> {
    try {
      return await send()
    } catch (error) {
      if (error instanceof SignInError) throw error
      if (error instanceof oauth.AuthorizationResponseError || error instanceof oauth.ResponseBodyError) {
        const reason = error.error_description ? `${error.error_description} (${error.error})` : error.error
        const needsUser = error instanceof oauth.ResponseBodyError || interactionErrors.includes(error.error)
        throw new SignInError(words.signIn.refused(this.host, reason), needsUser)
      }
      if (error instanceof oauth.OperationProcessingError || error instanceof oauth.UnsupportedOperationError) {
        throw new SignInError(words.signIn.badAnswer(this.host, error.message))
      }
      throw new IssuerUnreachable(this.host)
    }
  }
}

export class IssuerUnreachable extends SignInError {
  constructor(host: string) {
    super(words.signIn.unreachable(host, location.origin))
  }
}
