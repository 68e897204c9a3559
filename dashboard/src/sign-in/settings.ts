/** Sign-in settings that the server wrote into the page. Users sign in with the issuer, or with a service key. */
export type SignInSettings = IssuerSettings | { key: true }

export interface IssuerSettings {
  issuer: string
  /** Absent if the server has no client id for this page. */
  client_id?: string
  /** Additional parameters of the authorization request. */
  parameters: Record<string, string>
  /** Whether the server accepts the ID token instead of the access token. */
  takesIdToken: boolean
}

/** Returns the sign-in settings, or null if the server has no authentication. */
export function readSignInSettings(page: Document): SignInSettings | null {
  const content = page.querySelector<HTMLMetaElement>('meta[name="sign-in"]')?.content
  return content ? (JSON.parse(content) as SignInSettings) : null
}
