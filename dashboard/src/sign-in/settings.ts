/** With whom this server's users sign in, as it has written it into the page. */
export interface Settings {
  issuer: string
  /** Missing where the server has no client for this page. */
  client_id?: string
  /** What the issuer is asked with beside what every sign-in asks with. */
  parameters: Record<string, string>
  /** The ID token is what the server takes: it is made for the client. */
  takesIdToken: boolean
}

/** Nothing where no tokens are asked for. */
export function settingsOf(page: Document): Settings | null {
  const said = page.querySelector<HTMLMetaElement>('meta[name="sign-in"]')?.content
  return said ? (JSON.parse(said) as Settings) : null
}
