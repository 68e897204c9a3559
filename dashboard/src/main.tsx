import './base.css'
import { type ComponentChildren, render } from 'preact'
import { useEffect } from 'preact/hooks'
import icon from '../icon.svg'
import { basePath } from './base-path'
import { capabilities } from './capabilities'
import { Capabilities, type View } from './capability'
import { followRoute } from './live/follow-route'
import { hrefOf, navigateOnClick, openAddress, route } from './router'
import { caller, mayChange } from './sign-in/caller'
import { KeySignIn } from './sign-in/key'
import { readSignInSettings } from './sign-in/settings'
import { loadSignIn, type SignIn, signInState } from './sign-in/sign-in'
import { announcement, useStore } from './store'
import { ConnectionStatus } from './views/connection-status'
import { DeveloperPanel } from './views/developer-panel'
import { lazy } from './views/lazy'
import { AccountMenu, KeyExpired, KeyView, SignInExpired, SignInUnavailable, SignInView } from './views/sign-in'
import { openStartDialog, StartDialog } from './views/start-dialog'
import { locale, words } from './words'
import './main.css'

/** The table of views. If the user may not open a view, the first one is shown instead. */
const listView: View = {
  paths: ['/'],
  Component: lazy(() => import('./views/list/list').then(({ ListView }) => ListView)),
}
const LazySession = lazy(() => import('./views/session/session').then(({ SessionView }) => SessionView))
const views: View[] = [
  listView,
  { paths: ['/sessions/:session_id'], Component: ({ id }) => <LazySession key={id} id={id} /> },
  {
    paths: ['/shared'],
    Component: lazy(() => import('./views/shared/shared').then(({ SharedView }) => SharedView)),
    title: () => words.shared.heading,
    menu: words.shared.heading,
  },
  ...capabilities.flatMap(({ views = [] }) => views),
]

const start = (): void => followRoute(capabilities.find(({ figures }) => figures)?.figures)

function App({ signIn }: { signIn: SignIn | KeySignIn | undefined }) {
  const user = useStore(caller)
  const canChange = mayChange(user)
  const { path, id = '' } = useStore(route)
  const announced = useStore(announcement)
  const allowed = views.filter(({ isFor }) => isFor?.(user) ?? true)
  const view = allowed.find(({ paths }) => paths.includes(path)) ?? listView
  /** Identifies the open page. */
  const page = view === listView ? '/' : `${path} ${id}`
  useEffect(() => {
    if (view === listView) document.title = words.page.name
    else if (view.title) document.title = words.page.title(view.title(id))
  }, [page])
  return (
    <Capabilities.Provider value={capabilities}>
      <a class="skip" href="#main">
        {words.page.skip}
      </a>
      <header>
        <a class="brand" href={hrefOf({})} onClick={navigateOnClick({})}>
          <img src={icon} alt="" width="28" height="28" />
          {words.page.name}
        </a>
        <ConnectionStatus />
        {signIn && <AccountMenu signIn={signIn} />}
        {allowed.map(entry => entry.menu && <MenuLink key={entry.menu} view={entry} isOpen={entry === view} />)}
        {canChange && (
          <button type="button" class="primary" onClick={openStartDialog}>
            {words.start.open}
          </button>
        )}
      </header>
      <main id="main" tabIndex={-1}>
        <view.Component id={id} />
      </main>
      <footer class="soft">
        <p>{words.page.footer}</p>
        <DeveloperPanel />
      </footer>
      {canChange && <StartDialog />}
      <p class="unseen" role="status">
        {announced}
      </p>
    </Capabilities.Provider>
  )
}

function MenuLink({ view: { paths, menu }, isOpen }: { view: View; isOpen: boolean }) {
  const to = { path: paths[0] }
  return (
    <a class="button" aria-current={isOpen ? 'page' : undefined} href={hrefOf(to)} onClick={navigateOnClick(to)}>
      {menu}
    </a>
  )
}

/** Frame of the page for a user without a valid sign-in. */
function SignedOutPage({ children }: { children: ComponentChildren }) {
  return (
    <>
      <header>
        <a class="brand" href={`${basePath}/`}>
          <img src={icon} alt="" width="28" height="28" />
          {words.page.name}
        </a>
      </header>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
    </>
  )
}

function SignedInApp({ signIn }: { signIn: SignIn }) {
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

function KeyApp({ signIn }: { signIn: KeySignIn }) {
  const state = useStore(signInState)
  if (state.status !== 'signed-in') {
    return (
      <SignedOutPage>
        <KeyView signIn={signIn} />
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

async function main(): Promise<void> {
  document.documentElement.lang = locale
  document.documentElement.dir = words.direction
  document.title = words.page.name
  openAddress(views)
  const root = document.getElementById('app') as HTMLElement
  const settings = readSignInSettings(document)
  if (!settings) {
    start()
    render(<App signIn={undefined} />, root)
  } else if ('key' in settings) {
    render(<KeyApp signIn={new KeySignIn(start)} />, root)
  } else if (settings.client_id === undefined) {
    render(
      <SignedOutPage>
        <SignInUnavailable host={new URL(settings.issuer).host} />
      </SignedOutPage>,
      root,
    )
  } else {
    const signIn = await loadSignIn({ ...settings, client_id: settings.client_id }, start)
    render(<SignedInApp signIn={signIn} />, root)
    await signIn.start()
  }
}

void main()
