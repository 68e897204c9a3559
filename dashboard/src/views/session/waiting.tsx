import { words } from '../../words'

interface WaitingProps {
  /** Why it waits. */
  text: string
  /** Label of the button that cancels. */
  cancel?: string
  stop(): void
}

/** Shown while a change has no response yet. */
export const Waiting = ({ text, cancel = words.cancel, stop }: WaitingProps) => (
  <p class="waits" role="status">
    {text}{' '}
    <button type="button" class="quiet" onClick={stop}>
      {cancel}
    </button>
  </p>
)
