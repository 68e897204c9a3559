import './base.css'
import { type ComponentChildren, render } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import icon from '../icon.svg'
import { basePath } from './base-path'
import { followAddress } from './live/follow-address'
import { sessions } from './live/list'
import { locale } from './reader'
import { addressOf, followLink, route } from './route'
import { caller, mayChange } from './sign-in/caller'
import { settingsOf } from './sign-in/settings'
import { type Entrance, entranceOf, signIn } from './sign-in/sign-in'
import { announcement, useStore } from './store'
import { Account, Ended } from './views/account'
import { ConnectionState } from './views/connection'
import { Figures } from './views/figures'
import { Later } from './views/later'
import { List } from './views/list'
import { SessionView } from './views/session'
import { NoSignIn, SignInView } from './views/sign-in'
import { openStart, StartDialog } from './views/start'
import { Welcome } from './views/welcome'
import { words } from './words'
import './main.css'

const reportView = () => import('./views/report/view').then(({ ReportView }) => ReportView)
const importView = () => import('./views/import/view').then(({ ImportView }) => ImportView)

function App({ entrance }: { entrance: Entrance | undefined }) {
  const changes = mayChange(useStore(caller))
  const { session, view, filter } = useStore(route)
  const { rows, complete, stale } = useStore(sessions)
  const said = useStore(announcement)
  const empty = complete && !stale && rows.length === 0 && Object.keys(filter).length === 0
  /** Identifies the page that replaces the list. Null for the list. */
  const page = view === 'import' ? words.import.heading : session
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
    // The view of a session sets the title itself.
    if (session === null) document.title = page === null ? words.page.name : words.page.title(page)
  }, [page])
  return (
    <>
      <a class="skip" href="#main">
        {words.page.skip}
      </a>
      <header>
        <a class="brand" href={addressOf({ session: null })} onClick={followLink({ session: null })}>
          <img src={icon} alt="" width="28" height="28" />
          {words.page.name}
        </a>
        <ConnectionState />
        {entrance && <Account entrance={entrance} />}
        {changes && (
          <>
            <a
              class="button"
              aria-current={view === 'import' ? 'page' : undefined}
              href={addressOf({ session: null, view: 'import', filter })}
              onClick={followLink({ session: null, view: 'import' })}
            >
              {words.import.open}
            </a>
            <button type="button" class="primary" onClick={openStart}>
              {words.start.open}
            </button>
          </>
        )}
      </header>
      <main id="main" tabIndex={-1}>
        {session !== null ? (
          <SessionView key={session} id={session} />
        ) : view === 'import' && changes ? (
          <Later key={view} of={importView} />
        ) : view === 'report' ? (
          <Later key={view} of={reportView} />
        ) : empty ? (
          <Welcome />
        ) : (
          <>
            <h1 class="unseen">{words.page.name}</h1>
            <Figures />
            <List />
          </>
        )}
      </main>
      <footer class="soft">
        <p>
          {words.page.footer} {words.page.developers(<a href={`${basePath}/docs`}>REST</a>, <code>/graphql</code>)}
        </p>
      </footer>
      {changes && <StartDialog />}
      <p class="unseen" role="status">
        {said}
      </p>
    </>
  )
}

/** Frame of the page for a user without a valid sign-in. */
function Outside({ children }: { children: ComponentChildren }) {
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

function Entered({ entrance }: { entrance: Entrance }) {
  const at = useStore(signIn)
  if (at.is !== 'in') {
    return (
      <Outside>
        <SignInView entrance={entrance} at={at} />
      </Outside>
    )
  }
  return (
    <>
      {at.ended !== null && <Ended entrance={entrance} why={at.ended} />}
      <App entrance={entrance} />
    </>
  )
}

async function main(): Promise<void> {
  document.documentElement.lang = locale
  document.documentElement.dir = words.direction
  document.title = words.page.name
  const place = document.getElementById('app') as HTMLElement
  const settings = settingsOf(document)
  if (!settings) {
    followAddress()
    render(<App entrance={undefined} />, place)
  } else if (settings.client_id === undefined) {
    render(
      <Outside>
        <NoSignIn host={new URL(settings.issuer).host} />
      </Outside>,
      place,
    )
  } else {
    const entrance = await entranceOf({ ...settings, client_id: settings.client_id }, followAddress)
    render(<Entered entrance={entrance} />, place)
    await entrance.enter()
  }
}

main()
