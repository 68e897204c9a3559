interface SignInConfig {
  AUTH_ISSUER?: string | undefined
  AUTH_AUDIENCE?: string | undefined
  AUTH_CLIENT_ID?: string | undefined
  AUTH_PARAMETERS?: string | undefined
  AUTH_KEYS?: string | undefined
}

export interface DashboardSignIn {
  /** The dashboard's sign-in settings as JSON, or an empty string if the server does not require tokens. */
  settings: string
  /** Origin of the issuer, if the dashboard connects to the issuer. */
  origin: string | undefined
}

/** Without `AUTH_CLIENT_ID`, the dashboard can't sign users in at the issuer. */
export function dashboardSignIn(config: SignInConfig): DashboardSignIn {
  const { AUTH_ISSUER, AUTH_AUDIENCE, AUTH_CLIENT_ID, AUTH_PARAMETERS, AUTH_KEYS } = config
  const origin = AUTH_ISSUER && AUTH_CLIENT_ID ? new URL(AUTH_ISSUER).origin : undefined
  if (AUTH_KEYS && !origin) return { settings: JSON.stringify({ key: true }), origin }
  if (!AUTH_ISSUER) return { settings: '', origin }
  const settings = {
    issuer: AUTH_ISSUER,
    client_id: AUTH_CLIENT_ID,
    parameters: Object.fromEntries(new URLSearchParams(AUTH_PARAMETERS)),
    // The audience of an ID token is the client that requested the token (OpenID Connect Core 1.0 §2). This server
    // therefore accepts the dashboard's ID tokens only if `AUTH_AUDIENCE` is the dashboard's client id.
    takesIdToken: AUTH_AUDIENCE === AUTH_CLIENT_ID,
  }
  return { settings: JSON.stringify(settings), origin }
}
