import { type ComponentChildren, type FunctionComponent, render } from 'preact'
import icon from '../icon.svg'
import { basePath } from './base-path'
import { KeySignIn } from './sign-in/key'
import type { SignInSettings } from './sign-in/settings'
import { loadSignIn, type SignIn, signInState } from './sign-in/sign-in'
import { useStore } from './store'
import { KeyExpired, KeyView, SignInExpired, SignInUnavailable, SignInView } from './views/sign-in'
import { words } from './words'

type SignedInPage = FunctionComponent<{ signIn: SignIn | KeySignIn }>

interface AuthenticatedProps {
  root: HTMLElement
  settings: SignInSettings
  App: SignedInPage
  onSignedIn(): void
}

/**
 * Renders the page for a server that requires sign-in. If the server does not require sign-in, this module is never
 * loaded.
 */
export async function renderAuthenticated({ root, settings, App, onSignedIn }: AuthenticatedProps): Promise<void> {
  if ('key' in settings) {
    const signIn = new KeySignIn(onSignedIn)
    render(<KeyApp signIn={signIn} App={App} />, root)
    await signIn.start()
  } else if (settings.client_id === undefined) {
    render(
      <SignedOutPage>
        <SignInUnavailable host={new URL(settings.issuer).host} />
      </SignedOutPage>,
      root,
    )
  } else {
    const signIn = await loadSignIn({ ...settings, client_id: settings.client_id }, onSignedIn)
    render(<SignedInApp signIn={signIn} App={App} />, root)
    await signIn.start()
  }
}

function SignedOutPage({ children }: { children: ComponentChildren }) {
  return (
    <>
      <header>
        <a class="brand" href={`${basePath}/`}>
          <img src={icon} alt="" width="28" height="28" />
          <span>{words.page.name}</span>
        </a>
      </header>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
    </>
  )
}

function SignedInApp({ signIn, App }: { signIn: SignIn; App: SignedInPage }) {
  const state = useStore(signInState)
  if (state.status !== 'signed-in') {
    return (
      <SignedOutPage>
        <SignInView signIn={signIn} state={state} />
      </SignedOutPage>
    )
  }
  return (
    <>
      {state.ended !== null && <SignInExpired signIn={signIn} why={state.ended} />}
      <App signIn={signIn} />
    </>
  )
}

function KeyApp({ signIn, App }: { signIn: KeySignIn; App: SignedInPage }) {
  const state = useStore(signInState)
  if (state.status !== 'signed-in') {
    return (
      <SignedOutPage>
        <KeyView signIn={signIn} state={state} />
      </SignedOutPage>
    )
  }
  return (
    <>
      {state.ended !== null && <KeyExpired signIn={signIn} />}
      <App signIn={signIn} />
    </>
  )
}
