import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { basePath } from '../base-path'
import { caller } from '../sign-in/caller'
import type { KeySignIn } from '../sign-in/key'
import type { SignIn, SignInState } from '../sign-in/sign-in'
import { useStore } from '../store'
import { words } from '../words'
import { ErrorMessage } from './error-message'
import { Field } from './field'
import { Popover } from './popover'
import './sign-in.css'

/** The page for a user without a valid sign-in. */
export function SignInView({
  signIn,
  state,
}: {
  signIn: SignIn
  state: Exclude<SignInState, { status: 'signed-in' }>
}) {
  const { host } = signIn.issuer
  if (state.status === 'pending') {
    return (
      <p class="signing-in soft" role="status">
        {words.signIn.entering(host)}
      </p>
    )
  }
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

/** Shown if the server requires tokens but has no client id for this page. */
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

export function AccountMenu({ signIn }: { signIn: SignIn | KeySignIn }) {
  const user = useStore(caller)
  const name = <bdi>{user.by ?? words.account.nameless}</bdi>
  return (
    <Popover
      class="account"
      button={
        <>
          <span class="unseen">{words.account.signedInAs} </span>
          <bdi class="who">{user.by ?? words.account.account}</bdi>
        </>
      }
    >
      <p>
        {'issuer' in signIn
          ? words.account.signedInWith(name, signIn.issuer.host)
          : words.account.signedInWithKey(name)}
      </p>
      <p class="soft">
        {words.account.sees(
          user.may === 'read' ? 'read' : 'change',
          idText(user.mentor_id),
          idText(user.organisation_id),
        )}
      </p>
      <div class="buttons">
        <button type="button" onClick={() => signIn.signOut()}>
          {words.account.signOut}
        </button>
      </div>
    </Popover>
  )
}

const idText = (id: string | null) => (id === null ? null : <bdi>{id}</bdi>)

/** Shown when the sign-in has ended and the user must sign in again. */
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

/** The page for a user without an accepted service key. */
export const KeyView = ({ signIn }: { signIn: KeySignIn }) => (
  <Notice heading={words.signIn.heading}>
    <p class="soft">{words.signIn.keyLead}</p>
    <KeyForm signIn={signIn} />
  </Notice>
)

/** Shown when the service key has ended and the user must enter another one. */
export const KeyExpired = ({ signIn }: { signIn: KeySignIn }) => (
  <div class="sign-in-expired">
    <span role="alert">{words.account.ended}</span>
    <KeyForm signIn={signIn} />
  </div>
)

/** Asks for a service key. The input has no name, so no form ever sends it. */
function KeyForm({ signIn }: { signIn: KeySignIn }) {
  const [key, setKey] = useState('')
  const [fault, setFault] = useState<string | null>(null)
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
