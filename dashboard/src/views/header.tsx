import icon from '../../icon.svg'
import type { View } from '../capability'
import { hrefOf, navigateOnClick } from '../router'
import type { KeySignIn } from '../sign-in/key'
import type { SignIn } from '../sign-in/sign-in'
import { words } from '../words'
import { ConnectionStatus } from './connection-status'
import { Menu } from './menu'
import { openStartDialog } from './start-dialog'
import './header.css'

interface HeaderProps {
  /** The views that the user is allowed to open. */
  views: readonly View[]
  open: View
  canChange: boolean
  signIn: SignIn | KeySignIn | undefined
}

export function Header({ views, open, canChange, signIn }: HeaderProps) {
  const tabs = views.flatMap(view => (view.tab ? [{ view, ...view.tab }] : [])).sort((a, b) => a.position - b.position)
  /** While a calculation or a comparison is open, the list's tab is marked as the current tab. */
  const isOfList = !open.tab && !open.menu
  return (
    <header>
      <a class="brand" href={hrefOf({})} onClick={navigateOnClick({})}>
        <img src={icon} alt="" width="28" height="28" />
        <span>{words.page.name}</span>
      </a>
      <nav class="tabs">
        {tabs.map(({ view, text }, i) => {
          const to = { path: view.paths[0] }
          const current = view === open ? 'page' : isOfList && i === 0 ? 'true' : undefined
          return (
            <a key={text} href={hrefOf(to)} aria-current={current} onClick={navigateOnClick(to)}>
              {text}
            </a>
          )
        })}
      </nav>
      <ConnectionStatus />
      {canChange && (
        <button type="button" class="primary" onClick={openStartDialog}>
          {words.start.open}
        </button>
      )}
      <Menu views={views} open={open} signIn={signIn} />
    </header>
  )
}
