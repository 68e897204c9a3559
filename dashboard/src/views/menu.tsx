import { basePath } from '../base-path'
import { readSetting, saveSetting } from '../browser-settings'
import type { View } from '../capability'
import { monthName } from '../format'
import { hrefOf, navigateOnClick } from '../router'
import { caller } from '../sign-in/caller'
import type { KeySignIn } from '../sign-in/key'
import type { SignIn } from '../sign-in/sign-in'
import { hasUnsavedInput, useStore } from '../store'
import { words } from '../words'
import { languageKey, languageOf } from '../words/language'
import { monthNumbers, setYearStart, yearStart } from '../year-start'
import { Popover } from './popover'
import './menu.css'

const texts = words.menu

interface MenuProps {
  views: readonly View[]
  open: View
  signIn: SignIn | KeySignIn | undefined
}

/** Menu under the user's name, which contains further views, the settings, and the button for signing out. */
export function Menu({ views, open, signIn }: MenuProps) {
  const { by } = useStore(caller)
  return (
    <Popover
      class="menu"
      button={
        <>
          {signIn && <span class="unseen">{words.account.signedInAs} </span>}
          <bdi class="who">{signIn ? (by ?? words.account.account) : texts.open}</bdi>
          <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
            <path d="M1 3.5h14M1 8h14M1 12.5h14" stroke="currentColor" stroke-width="1.5" />
          </svg>
        </>
      }
    >
      {signIn && <Account signIn={signIn} />}
      <ul>{views.map(view => view.menu && <MenuLink key={view.menu} view={view} isOpen={view === open} />)}</ul>
      <Settings />
      <p>
        <span class="soft">{texts.developers}</span>
        <a href={`${basePath}/docs`}>REST</a>
        <a href={`${basePath}/graphql`}>GraphQL</a>
      </p>
      {signIn && (
        <button type="button" onClick={() => signIn.signOut()}>
          {words.account.signOut}
        </button>
      )}
    </Popover>
  )
}

function MenuLink({ view: { paths, menu }, isOpen }: { view: View; isOpen: boolean }) {
  const to = { path: paths[0] }
  return (
    <li>
      <a href={hrefOf(to)} aria-current={isOpen ? 'page' : undefined} onClick={navigateOnClick(to)}>
        {menu}
      </a>
    </li>
  )
}

function Account({ signIn }: { signIn: SignIn | KeySignIn }) {
  const user = useStore(caller)
  const name = <bdi>{user.by ?? words.account.nameless}</bdi>
  return (
    <div>
      <p>
        {'issuer' in signIn
          ? words.account.signedInWith(name, signIn.issuer.host)
          : words.account.signedInWithKey(name)}
      </p>
      <p class="soft">
        {words.account.sees(
          user.may === 'read' ? 'read' : 'change',
          idText(user.mentorId),
          idText(user.organisationId),
        )}
      </p>
    </div>
  )
}

const idText = (id: string | null) => (id === null ? null : <bdi>{id}</bdi>)

const languageNames = { en: 'English', de: 'Deutsch', fr: 'Français' }

/** Settings stored in this browser. */
function Settings() {
  const start = useStore(yearStart)
  const isUnsaved = useStore(hasUnsavedInput)
  return (
    <>
      <label>
        <span class="soft">{texts.language}</span>
        <select
          value={languageOf(readSetting(languageKey)) ?? ''}
          disabled={isUnsaved}
          onChange={({ currentTarget }) => {
            saveSetting(languageKey, currentTarget.value || null)
            location.reload()
          }}
        >
          <option value="">{texts.browserLanguage}</option>
          {Object.entries(languageNames).map(([code, name]) => (
            <option key={code} value={code} lang={code}>
              {name}
            </option>
          ))}
        </select>
        {isUnsaved && <small>{texts.unsaved}</small>}
      </label>
      <label>
        <span class="soft">{texts.yearStart}</span>
        <select value={start} onChange={({ currentTarget }) => setYearStart(Number(currentTarget.value))}>
          {monthNumbers.map(month => (
            <option key={month} value={month}>
              {monthName(month)}
            </option>
          ))}
        </select>
      </label>
    </>
  )
}
