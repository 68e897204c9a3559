import { words } from '../../words'

interface WaitingProps {
  text: string
  /** Label of the button that cancels the change. */
  cancel?: string
  stop(): void
}

/** Shown while a change is pending, with a button that cancels it. */
export const Waiting = ({ text, cancel = words.cancel, stop }: WaitingProps) => (
  <p class="waits" role="status">
    {text}{' '}
    <button type="button" class="quiet" onClick={stop}>
      {cancel}
    </button>
  </p>
)
