/** Sign-in settings that the server embeds in the page. Users sign in either with an issuer or with a service key. */
export type SignInSettings = IssuerSettings | { key: true }

export interface IssuerSettings {
  issuer: string
  /** The dashboard's OAuth client id, or absent if none is configured on the server. */
  client_id?: string
  /** Additional parameters of the authorization request. */
  parameters: Record<string, string>
  /** Whether the server expects the ID token instead of the access token. */
  takesIdToken: boolean
}

/** Returns the sign-in settings embedded in the page, or null if the server requires no authentication. */
export function readSignInSettings(page: Document): SignInSettings | null {
  const content = page.querySelector<HTMLMetaElement>('meta[name="sign-in"]')?.content
  return content ? (JSON.parse(content) as SignInSettings) : null
}
