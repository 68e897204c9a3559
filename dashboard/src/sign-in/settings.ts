/** Sign-in settings that the server wrote into the page. */
export interface Settings {
  issuer: string
  /** Missing if the server has no client id for this page. */
  client_id?: string
  /** Additional parameters of the authorization request. */
  parameters: Record<string, string>
  /** Whether the server takes the ID token instead of the access token. */
  takesIdToken: boolean
}

/** Returns the settings, or null if the server has no authentication. */
export function settingsOf(page: Document): Settings | null {
  const said = page.querySelector<HTMLMetaElement>('meta[name="sign-in"]')?.content
  return said ? (JSON.parse(said) as Settings) : null
}
