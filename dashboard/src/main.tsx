import './base.css'
import { render } from 'preact'
import { useEffect } from 'preact/hooks'
import { capabilities } from './capabilities'
import { Capabilities, type View } from './capability'
import { followRoute } from './live/follow-route'
import { openAddress, route } from './router'
import { caller, mayChange } from './sign-in/caller'
import type { KeySignIn } from './sign-in/key'
import { readSignInSettings } from './sign-in/settings'
import type { SignIn } from './sign-in/sign-in'
import { announcement, useStore } from './store'
import { Header } from './views/header'
import { lazy } from './views/lazy'
import { StartDialog } from './views/start-dialog'
import { locale, words } from './words'
import './main.css'

/** The home page, which also replaces any view that the user is not allowed to open. */
const listView: View = {
  paths: ['/'],
  Component: lazy(() => import('./views/list/list').then(({ ListView }) => ListView)),
  tab: { text: words.menu.calculations, position: 1 },
}
const LazySession = lazy(() => import('./views/session/session').then(({ SessionView }) => SessionView))
const views: View[] = [
  listView,
  { paths: ['/sessions/:session_id'], Component: ({ id }) => <LazySession key={id} id={id} /> },
  {
    paths: ['/shared'],
    Component: lazy(() => import('./views/shared/shared').then(({ SharedView }) => SharedView)),
    title: () => words.shared.heading,
    tab: { text: words.shared.heading, position: 3 },
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
      <Header views={allowed} open={view} canChange={canChange} signIn={signIn} />
      <main id="main" tabIndex={-1}>
        <view.Component id={id} />
      </main>
      <footer class="soft">
        <p>{words.page.footer}</p>
      </footer>
      {canChange && <StartDialog />}
      <p class="unseen" role="status">
        {announced}
      </p>
    </Capabilities.Provider>
  )
}

async function main(): Promise<void> {
  document.documentElement.lang = locale
  document.documentElement.dir = words.direction
  document.title = words.page.name
  openAddress(views)
  const root = document.getElementById('app') as HTMLElement
  const settings = readSignInSettings(document)
  if (settings) {
    const { renderAuthenticated } = await import('./authenticated')
    await renderAuthenticated({ root, settings, App, onSignedIn: start })
  } else {
    start()
    render(<App signIn={undefined} />, root)
  }
}

void main()
