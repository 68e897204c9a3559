import { useRef, useState } from 'preact/hooks'
import { ConnectionError } from '../../../../packages/client/src/index.js'
import { caller, mayManage } from '../../sign-in/caller'
import { useStore } from '../../store'
import type { Session } from '../../types'
import { words } from '../../words'
import { ErrorMessage, useError } from '../error-message'
import { lazy } from '../lazy'
import { Popover } from '../popover'
import type { Asked } from './menu-dialogs'

const load = () => import('./menu-dialogs')
const MenuDialogs = lazy(() => load().then(({ MenuDialogs }) => MenuDialogs))

interface SessionMenuProps {
  session: Session
  onDone(): void
}

/** Menu with the less frequent actions on a session. */
export function SessionMenu({ session, onDone }: SessionMenuProps) {
  const { state, allowedEvents, result } = session
  const user = useStore(caller)
  const [asked, ask] = useState<Asked | null>(null)
  /** Whether the user has ever opened a dialog of this menu. The script of the dialogs is loaded on first use. */
  const [wasAsked, setWasAsked] = useState(false)
  const [failure, fail] = useError()
  const isStarting = useRef(false)
  const startSimilar = async (): Promise<void> => {
    if (isStarting.current) return
    isStarting.current = true
    fail(null)
    await load()
      .catch(() => {
        throw new ConnectionError(words.unreachable)
      })
      .then(({ startSimilar }) => startSimilar(session))
      .catch(fail)
    isStarting.current = false
  }
  const item = (label: string, choose: () => void, name = '') => (
    <li>
      <button
        type="button"
        class={`quiet ${name}`}
        onClick={({ currentTarget }) => {
          // Hide the popover first, so that the focus moves back to the menu button. When the dialog closes, the focus
          // then returns to the menu button.
          currentTarget.closest<HTMLElement>('[popover]')?.hidePopover()
          choose()
        }}
      >
        {label}
      </button>
    </li>
  )
  const open = (asked: Asked) => () => {
    setWasAsked(true)
    ask(asked)
  }
  return (
    <>
      <Popover class="choose" button={words.session.more}>
        <ul class="choices">
          {result && item(words.session.similar, startSimilar)}
          {mayManage(user) && item(words.actions.REASSIGN_REQUESTED, open('reassign'))}
          {allowedEvents.includes('RESET_REQUESTED') &&
            state !== 'INITIAL' &&
            item(words.actions.RESET_REQUESTED, open('reset'), 'danger')}
          {item(words.close.open, open('close'), 'danger')}
        </ul>
      </Popover>
      {wasAsked && <MenuDialogs session={session} asked={asked} onClose={() => ask(null)} onDone={onDone} />}
      <ErrorMessage text={failure} />
    </>
  )
}
