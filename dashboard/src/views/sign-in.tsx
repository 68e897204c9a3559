import type { ComponentChildren } from 'preact'
import { basePath } from '../base-path'
import type { Entrance, SignIn } from '../sign-in/sign-in'
import './sign-in.css'

/** What is seen of this page by whom nobody knows. */
export function SignInView({ entrance, at }: { entrance: Entrance; at: Exclude<SignIn, { is: 'in' }> }) {
  const { host } = entrance.issuer
  if (at.is === 'entering') {
    return (
      <p class="entering soft" role="status">
        Signing you in with {host}…
      </p>
    )
  }
  const signOut = (
    <button type="button" onClick={() => entrance.signOut()}>
      Use another account
    </button>
  )
  const signIn = (label: string) => (
    <button type="button" class="primary" onClick={() => entrance.signIn()}>
      {label}
    </button>
  )
  if (at.is === 'refused') {
    return (
      <Notice heading={at.withAccount ? 'This account is not let in' : 'You are not signed in'}>
        <p role="alert">{at.why}</p>
        {at.withAccount && <p class="soft">Whoever runs this server can see to it.</p>}
        <div class="buttons">
          {signIn('Try again')}
          {at.withAccount && signOut}
        </div>
      </Notice>
    )
  }
  return (
    <Notice heading="Sign in to see your sessions">
      <p class="soft">
        What mentoring programmes cost, against what their mentors’ hours are worth. Your account is that of {host}.
      </p>
      <div class="buttons">{signIn('Sign in')}</div>
    </Notice>
  )
}

/** Tokens are asked for, and this page has no way to get one. */
export const NoSignIn = ({ host }: { host: string }) => (
  <Notice heading="This page cannot sign you in">
    <p>
      This server asks for tokens of {host}, and has no client there for this page: whoever runs it can name one in{' '}
      <code>AUTH_CLIENT_ID</code>.
    </p>
    <p class="soft">
      REST and GraphQL are served to whoever has a token: see <a href={`${basePath}/docs`}>/docs</a>.
    </p>
  </Notice>
)

const Notice = ({ heading, children }: { heading: string; children: ComponentChildren }) => (
  <section class="card notice" aria-labelledby="notice">
    <h1 id="notice">{heading}</h1>
    {children}
  </section>
)
