import { useState } from 'preact/hooks'
import { shareDays } from '../../../../src/domain/limits'
import { formatLongDate } from '../../format'
import { client } from '../../graphql/client'
import { noteOwnTransition } from '../../live/session'
import { announce } from '../../store'
import type { Session } from '../../types'
import { words } from '../../words'
import { useAction } from '../action'
import { DialogButton } from '../dialog-button'
import { FormButtons } from '../form-buttons'

const texts = words.shared.expiry

/** The offered lifetimes of a share link, in days. */
const lifetimes = [7, shareDays, 90, 365]

interface LifetimeProps {
  days: number
  onChange(days: number): void
}

export const Lifetime = ({ days, onChange, label = texts.label }: LifetimeProps & { label?: string }) => (
  <select aria-label={label} value={days} onChange={({ currentTarget }) => onChange(Number(currentTarget.value))}>
    {lifetimes.map(days => (
      <option key={days} value={days}>
        {texts.days(days)}
      </option>
    ))}
  </select>
)

/** A button that changes the expiry of the current result's share link. */
export const ExpiryButton = ({ session }: { session: Session }) => (
  <DialogButton label={texts.change} heading={texts.heading}>
    {close => <ExpiryForm session={session} close={close} />}
  </DialogButton>
)

function ExpiryForm({ session: { id, version }, close }: { session: Session; close(): void }) {
  const [days, setDays] = useState<number>(shareDays)
  const [unchangedUntil, setUnchangedUntil] = useState<string | null>(null)
  const { failure, isBusy, run } = useAction()

  const save = (event: Event): void => {
    event.preventDefault()
    void run(async () => {
      setUnchangedUntil(null)
      const { session, transitions, share } = await client.share({ id, version }, { expiresInDays: days })
      noteOwnTransition(id, session.version)
      const until = formatLongDate(share.expiresAt)
      if (transitions.length === 0) setUnchangedUntil(until)
      else {
        announce(texts.done(until))
        close()
      }
    })
  }

  return (
    <form onSubmit={save}>
      <p>
        {texts.fromToday} <Lifetime days={days} onChange={setDays} label={texts.fromToday} />
      </p>
      {unchangedUntil !== null && <p role="alert">{texts.same(unchangedUntil)}</p>}
      <FormButtons submit={texts.save} failure={failure} isBusy={isBusy} cancel={close} />
    </form>
  )
}
