import './base.css'
import { type ComponentChildren, type FunctionComponent, render } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import icon from '../icon.svg'
import { basePath } from './base-path'
import { followRoute } from './live/follow-route'
import { listState } from './live/list'
import { hrefOf, navigateOnClick, route } from './router'
import { caller, mayChange, mayManageWebhooks } from './sign-in/caller'
import { KeySignIn } from './sign-in/key'
import { readSignInSettings } from './sign-in/settings'
import { loadSignIn, type SignIn, signInState } from './sign-in/sign-in'
import { announcement, useStore } from './store'
import { ConnectionStatus } from './views/connection-status'
import { DeveloperPanel } from './views/developer-panel'
import { ErrorMessage } from './views/error-message'
import { KeyFigures } from './capabilities/totals/key-figures'
import { SessionList } from './views/list/list'
import { SessionView } from './views/session/session'
import { AccountMenu, KeyExpired, KeyView, SignInExpired, SignInUnavailable, SignInView } from './views/sign-in'
import { openStartDialog, StartDialog } from './views/start-dialog'
import { Welcome } from './views/welcome'
import { locale, words } from './words'
import './main.css'

const reportView = () => import('./capabilities/totals/report/report').then(({ ReportView }) => ReportView)
const compareView = () => import('./capabilities/compare/compare').then(({ CompareView }) => CompareView)
const importView = () => import('./capabilities/import/views/import').then(({ ImportView }) => ImportView)
const sharedView = () => import('./views/shared/shared').then(({ SharedView }) => SharedView)
const webhooksView = () => import('./capabilities/webhooks/webhooks').then(({ WebhooksView }) => WebhooksView)

function App({ signIn }: { signIn: SignIn | KeySignIn | undefined }) {
  const user = useStore(caller)
  const canChange = mayChange(user)
  const hasWebhooks = mayManageWebhooks(user)
  const { session, view, endpoint, filter } = useStore(route)
  const { rows, complete, stale } = useStore(listState)
  const announced = useStore(announcement)
  const empty = complete && !stale && rows.length === 0 && Object.keys(filter).length === 0
  /** Identifies the page that replaces the list: by its title, unless it sets that itself. Null for the list. */
  const page =
    view === 'import'
      ? words.import.heading
      : view === 'shared'
        ? words.shared.heading
        : view === 'webhooks' && hasWebhooks
          ? `${words.webhooks} ${endpoint ?? ''}`.trim()
          : view === 'compare' || view === 'report'
            ? view
            : session
  const shown = useRef(page)
  // After a page opens or closes, the focus moves to its heading or that of the list. If the user comes back to a row,
  // the focus stays there.
  useEffect(() => {
    if (shown.current === page) return
    shown.current = page
    if (document.activeElement?.closest('.rows')) return
    document.querySelector<HTMLElement>('main :is(h1:not(.unseen), #sessions-heading)')?.focus()
  }, [page])
  useEffect(() => {
    // The views of a session, of a comparison and of a report set the title themselves.
    if (session === null && page !== view) document.title = page === null ? words.page.name : words.page.title(page)
  }, [page])
  return (
    <>
      <a class="skip" href="#main">
        {words.page.skip}
      </a>
      <header>
        <a class="brand" href={hrefOf({ session: null })} onClick={navigateOnClick({ session: null })}>
          <img src={icon} alt="" width="28" height="28" />
          {words.page.name}
        </a>
        <ConnectionStatus />
        {signIn && <AccountMenu signIn={signIn} />}
        <a
          class="button"
          aria-current={view === 'shared' ? 'page' : undefined}
          href={hrefOf({ session: null, view: 'shared' })}
          onClick={navigateOnClick({ session: null, view: 'shared' })}
        >
          {words.shared.heading}
        </a>
        {hasWebhooks && (
          <a
            class="button"
            aria-current={view === 'webhooks' ? 'page' : undefined}
            href={hrefOf({ session: null, view: 'webhooks' })}
            onClick={navigateOnClick({ session: null, view: 'webhooks' })}
          >
            {words.webhooks}
          </a>
        )}
        {canChange && (
          <>
            <a
              class="button"
              aria-current={view === 'import' ? 'page' : undefined}
              href={hrefOf({ session: null, view: 'import', filter })}
              onClick={navigateOnClick({ session: null, view: 'import' })}
            >
              {words.import.open}
            </a>
            <button type="button" class="primary" onClick={openStartDialog}>
              {words.start.open}
            </button>
          </>
        )}
      </header>
      <main id="main" tabIndex={-1}>
        {session !== null ? (
          <SessionView key={session} id={session} />
        ) : view === 'import' && canChange ? (
          <LazyView key={view} load={importView} />
        ) : view === 'compare' ? (
          <LazyView key={view} load={compareView} />
        ) : view === 'report' ? (
          <LazyView key={view} load={reportView} />
        ) : view === 'shared' ? (
          <LazyView key={view} load={sharedView} />
        ) : view === 'webhooks' && hasWebhooks ? (
          <LazyView key={view} load={webhooksView} />
        ) : empty ? (
          <Welcome />
        ) : (
          <>
            <h1 class="unseen">{words.page.name}</h1>
            <KeyFigures />
            <SessionList />
          </>
        )}
      </main>
      <footer class="soft">
        <p>{words.page.footer}</p>
        <DeveloperPanel />
      </footer>
      {canChange && <StartDialog />}
      <p class="unseen" role="status">
        {announced}
      </p>
    </>
  )
}

/** A view with a script that is loaded on first use. */
function LazyView({ load }: { load: () => Promise<FunctionComponent> }) {
  const [View, setView] = useState<FunctionComponent | null>(null)
  const [failed, setFailed] = useState(false)
  useEffect(() => {
    load().then(
      view => setView(() => view),
      () => setFailed(true),
    )
  }, [load])
  return View ? <View /> : <ErrorMessage text={failed ? words.unreachable : null} />
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
  const root = document.getElementById('app') as HTMLElement
  const settings = readSignInSettings(document)
  if (!settings) {
    followRoute()
    render(<App signIn={undefined} />, root)
  } else if ('key' in settings) {
    render(<KeyApp signIn={new KeySignIn(followRoute)} />, root)
  } else if (settings.client_id === undefined) {
    render(
      <SignedOutPage>
        <SignInUnavailable host={new URL(settings.issuer).host} />
      </SignedOutPage>,
      root,
    )
  } else {
    const signIn = await loadSignIn({ ...settings, client_id: settings.client_id }, followRoute)
    render(<SignedInApp signIn={signIn} />, root)
    await signIn.start()
  }
}

main()
