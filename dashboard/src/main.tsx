import './base.css'
import { render } from 'preact'
import { useEffect } from 'preact/hooks'
import icon from '../icon.svg'
import { basePath } from './base-path'
import { followAddress } from './live/follow-address'
import { sessions } from './live/list'
import { addressOf, followLink, route } from './route'
import { announcement, useStore } from './store'
import { ConnectionState } from './views/connection'
import { Figures } from './views/figures'
import { List } from './views/list'
import { SessionView } from './views/session'
import { openStart, StartDialog } from './views/start'
import { Welcome } from './views/welcome'
import './main.css'

function App() {
  const { session, filter } = useStore(route)
  const { rows, complete } = useStore(sessions)
  const said = useStore(announcement)
  const empty = complete && rows.length === 0 && Object.keys(filter).length === 0
  useEffect(() => {
    document.title = session === null ? 'Benefit sessions' : `${session} – Benefit sessions`
  }, [session])
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <header>
        <a class="brand" href={addressOf({ session: null, filter })} onClick={followLink({ session: null })}>
          <img src={icon} alt="" width="28" height="28" />
          Benefit sessions
        </a>
        <ConnectionState />
        <button type="button" class="primary" onClick={openStart}>
          Start a session
        </button>
      </header>
      <main id="main" tabIndex={-1}>
        {session !== null ? (
          <SessionView key={session} id={session} />
        ) : empty ? (
          <Welcome />
        ) : (
          <>
            <h1 class="unseen">Benefit sessions</h1>
            <Figures />
            <List />
          </>
        )}
      </main>
      <footer class="soft">
        <p>
          Value is what the mentors’ hours would have cost to buy; amounts without a currency are in each organisation’s
          own. For developers: <a href={`${basePath}/docs`}>REST</a> and <code>/graphql</code>.
        </p>
      </footer>
      <StartDialog />
      <p class="unseen" role="status">
        {said}
      </p>
    </>
  )
}

followAddress()
render(<App />, document.getElementById('app') as HTMLElement)
