import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { basePath } from '../base-path'
import type { KeySignIn } from '../sign-in/key'
import type { SignIn, SignInState } from '../sign-in/sign-in'
import { words } from '../words'
import { ErrorMessage } from './error-message'
import { Field } from './field'
import './sign-in.css'

type SignedOut = Exclude<SignInState, { status: 'signed-in' }>

const SigningIn = ({ host }: { host: string }) => (
  <p class="signing-in soft" role="status">
    {words.signIn.entering(host)}
  </p>
)

/** The sign-in page, shown to users who are not signed in. */
export function SignInView({ signIn, state }: { signIn: SignIn; state: SignedOut }) {
  const { host } = signIn.issuer
  if (state.status === 'pending') return <SigningIn host={host} />
  const signOutButton = (
    <button type="button" onClick={() => signIn.signOut()}>
      {words.signIn.otherAccount}
    </button>
  )
  const signInButton = (label: string) => (
    <button type="button" class="primary" onClick={() => signIn.signIn()}>
      {label}
    </button>
  )
  if (state.status === 'refused') {
    return (
      <Notice heading={state.withAccount ? words.signIn.notLetIn : words.signIn.notSignedIn}>
        <p role="alert">{state.why}</p>
        {state.withAccount && <p class="soft">{words.signIn.askOperator}</p>}
        <div class="buttons">
          {signInButton(words.signIn.tryAgain)}
          {state.withAccount && signOutButton}
        </div>
      </Notice>
    )
  }
  return (
    <Notice heading={words.signIn.heading}>
      <p class="soft">{words.signIn.lead(host)}</p>
      <div class="buttons">{signInButton(words.signIn.signIn)}</div>
    </Notice>
  )
}

/** Shown if the server requires tokens but has no OAuth client id for the dashboard. */
export const SignInUnavailable = ({ host }: { host: string }) => (
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

/** Shown when the sign-in has expired and the user must sign in again. */
export const SignInExpired = ({ signIn, why }: { signIn: SignIn; why: string }) => (
  <div class="sign-in-expired" role="alert">
    <span>
      {words.account.ended} {why}
    </span>
    <button type="button" class="primary" onClick={() => signIn.signIn()}>
      {words.account.signInAgain}
    </button>
  </div>
)

/** Page that asks for a service key, shown until the server has accepted a key. */
export function KeyView({ signIn, state }: { signIn: KeySignIn; state: SignedOut }) {
  if (state.status === 'pending') return <SigningIn host={location.host} />
  return (
    <Notice heading={words.signIn.heading}>
      <p class="soft">{words.signIn.keyLead}</p>
      <KeyForm signIn={signIn} why={'why' in state ? state.why : null} />
    </Notice>
  )
}

/** Shown when the service key is no longer valid and the user must enter another key. */
export const KeyExpired = ({ signIn }: { signIn: KeySignIn }) => (
  <div class="sign-in-expired">
    <span role="alert">{words.account.ended}</span>
    <KeyForm signIn={signIn} />
  </div>
)

/** A form for a service key. The form's input has no name, so that the browser can never submit the key. */
function KeyForm({ signIn, why = null }: { signIn: KeySignIn; why?: string | null }) {
  const [key, setKey] = useState('')
  const [fault, setFault] = useState(why)
  const [busy, setBusy] = useState(false)
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    if (busy) return
    setBusy(true)
    setFault(await signIn.signIn(key))
    setBusy(false)
  }
  return (
    <form class="key-form" onSubmit={submit} noValidate>
      <Field
        label={words.signIn.key}
        hint={words.signIn.keyHint}
        fault={undefined}
        input={{
          type: 'password',
          autocomplete: 'off',
          spellcheck: false,
          value: key,
          onInput: ({ currentTarget }) => setKey(currentTarget.value),
        }}
      />
      <ErrorMessage text={fault} />
      <div class="buttons">
        <button type="submit" class="primary" aria-disabled={busy}>
          {words.signIn.signIn}
        </button>
      </div>
    </form>
  )
}
