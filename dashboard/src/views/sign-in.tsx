import type { ComponentChildren } from 'preact'
import { basePath } from '../base-path'
import type { Entrance, SignIn } from '../sign-in/sign-in'
import { words } from '../words'
import './sign-in.css'

/** The page for a user without a valid sign-in. */
export function SignInView({ entrance, at }: { entrance: Entrance; at: Exclude<SignIn, { is: 'in' }> }) {
  const { host } = entrance.issuer
  if (at.is === 'entering') {
    return (
      <p class="entering soft" role="status">
        {words.signIn.entering(host)}
      </p>
    )
  }
  const signOut = (
    <button type="button" onClick={() => entrance.signOut()}>
      {words.signIn.otherAccount}
    </button>
  )
  const signIn = (label: string) => (
    <button type="button" class="primary" onClick={() => entrance.signIn()}>
      {label}
    </button>
  )
  if (at.is === 'refused') {
    return (
      <Notice heading={at.withAccount ? words.signIn.notLetIn : words.signIn.notSignedIn}>
        <p role="alert">{at.why}</p>
        {at.withAccount && <p class="soft">{words.signIn.askOperator}</p>}
        <div class="buttons">
          {signIn(words.signIn.tryAgain)}
          {at.withAccount && signOut}
        </div>
      </Notice>
    )
  }
  return (
    <Notice heading={words.signIn.heading}>
      <p class="soft">{words.signIn.lead(host)}</p>
      <div class="buttons">{signIn(words.signIn.signIn)}</div>
    </Notice>
  )
}

/** Shown if the server requires tokens but has no client id for this page. */
export const NoSignIn = ({ host }: { host: string }) => (
  <Notice heading={words.signIn.impossible}>
    <p>{words.signIn.noClient(host, <code>AUTH_CLIENT_ID</code>)}</p>
    <p class="soft">{words.signIn.withToken(<a href={`${basePath}/docs`}>/docs</a>)}</p>
  </Notice>
)

const Notice = ({ heading, children }: { heading: string; children: ComponentChildren }) => (
  <section class="card notice" aria-labelledby="notice">
    <h1 id="notice">{heading}</h1>
    {children}
  </section>
)
