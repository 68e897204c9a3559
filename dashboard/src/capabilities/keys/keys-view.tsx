import { useEffect, useState } from 'preact/hooks'
import { formatDateTime, formatPeriod } from '../../format'
import { useLive } from '../../live/use-live'
import { announce, hasUnsavedInput, useStore } from '../../store'
import { useAction } from '../../views/action'
import { ConfirmButton } from '../../views/confirm-button'
import { CopyField } from '../../views/copy-field'
import { DialogButton } from '../../views/dialog-button'
import { ErrorMessage } from '../../views/error-message'
import { FormButtons } from '../../views/form-buttons'
import { Heading } from '../../views/heading'
import { type Column, NoValue, SumsTable } from '../../views/sums-table'
import { words } from '../../words'
import { Choice } from './choice'
import { CreateForm } from './create-form'
import { newKey, readKeys, revokeKey, rotateKey, type ServiceKey } from './keys'
import { keysWords as texts } from './words'
import './keys.css'

/** Interval in ms between two reads of the list, which can contain up to 1,000 keys. */
const readEveryMs = 10_000

/** Choices of how long a replaced key stays valid, in hours. */
const overlaps = [0, 24, 168]

const Time = ({ time }: { time: string | null }) =>
  time === null ? <NoValue why={texts.never} /> : <time dateTime={time}>{formatDateTime(time)}</time>

function LastDay({ day }: { day: string | null }) {
  if (day === null) return <NoValue why={texts.never} />
  return (
    <>
      <time dateTime={day}>{formatPeriod({ from: day, to: day })}</time>
      {day < new Date().toISOString().slice(0, day.length) && <span class="loss detail">{texts.expired}</span>}
    </>
  )
}

const columnsOf = (readAgain: () => void): Column<ServiceKey>[] => [
  { name: texts.name, isText: true, cell: ({ name }) => <bdi>{name}</bdi> },
  {
    name: texts.role,
    isText: true,
    cell: ({ role, mentorId, organisationId }) => (
      <>
        {texts.roles[role]}
        {[mentorId, organisationId].map(id => id !== null && <bdi class="soft detail">{id}</bdi>)}
      </>
    ),
  },
  { name: texts.expires, isText: true, cell: ({ expires }) => <LastDay day={expires} /> },
  { name: texts.lastUsed, isText: true, cell: ({ lastUsedAt }) => <Time time={lastUsedAt} /> },
  {
    name: texts.created,
    isText: true,
    cell: ({ createdAt, createdBy }) => (
      <>
        <Time time={createdAt} />
        {createdBy !== null && <bdi class="soft detail">{createdBy}</bdi>}
      </>
    ),
  },
  { name: texts.actions, isText: true, cell: key => <Actions serviceKey={key} readAgain={readAgain} /> },
]

/** The list of stored service keys, and the actions on them. */
export function KeysView() {
  const { value: keys, error, readAgain } = useLive('', readKeys, { everyMs: readEveryMs })
  return (
    <div class="keys">
      <div class="title">
        <Heading>{texts.heading}</Heading>
        <DialogButton label={texts.create.open} class="primary">
          {close => <CreateForm close={close} onDone={readAgain} />}
        </DialogButton>
      </div>
      <p class="soft">{texts.what}</p>
      <ErrorMessage text={error} />
      <ShownKey />
      {keys?.length === 0 && <p class="nothing">{texts.nothing}</p>}
      {keys !== undefined && keys.length > 0 && (
        <div class="card">
          <SumsTable label={texts.heading} columns={columnsOf(readAgain)} rows={keys} keyOf={({ id }) => id} />
        </div>
      )}
    </div>
  )
}

/** Shows a new key until the user leaves the view. */
function ShownKey() {
  const shown = useStore(newKey)
  useEffect(() => () => newKey.set(null), [])
  // Treat the key as unsaved input, because a reload would lose it.
  useEffect(() => {
    hasUnsavedInput.set(shown !== null)
    return () => hasUnsavedInput.set(false)
  }, [shown])
  if (!shown) return null
  return (
    <section class="card new-key" aria-label={texts.secret.label}>
      <h2>{texts.secret.onlyNow(shown.serviceKey.name)}</h2>
      <CopyField
        key={shown.key}
        label={texts.secret.label}
        value={shown.key}
        copied={texts.secret.copied}
        selected={texts.secret.selected}
      />
    </section>
  )
}

function Actions({ serviceKey: { id, name, formerEndsAt }, readAgain }: { serviceKey: ServiceKey; readAgain(): void }) {
  const { failure, run } = useAction()
  const revoke = async (): Promise<void> => {
    await revokeKey(id)
    announce(texts.revoke.done)
    readAgain()
  }
  return (
    <>
      <span class="buttons">
        <DialogButton label={texts.replace.action} heading={texts.replace.heading(name)}>
          {close => <ReplaceForm id={id} close={close} onDone={readAgain} />}
        </DialogButton>
        <ConfirmButton
          action={texts.revoke.action}
          keep={words.cancel}
          heading={texts.revoke.heading(name)}
          failure={failure}
          onConfirm={() => run(revoke)}
        >
          <p>{texts.revoke.what}</p>
        </ConfirmButton>
      </span>
      {formerEndsAt !== null && (
        <small class="soft detail">{texts.replace.formerEnds(formatDateTime(formerEndsAt))}</small>
      )}
    </>
  )
}

/** Form that asks how long the former key stays valid, and replaces the key. */
function ReplaceForm({ id, close, onDone }: { id: string; close(): void; onDone(): void }) {
  const [overlapHours, setOverlapHours] = useState(24)
  const { failure, isBusy, run } = useAction()
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    if (!(await run(() => rotateKey({ id, overlapHours })))) return
    close()
    announce(texts.replace.done)
    onDone()
  }
  return (
    <form onSubmit={submit} noValidate>
      <p class="soft">{texts.replace.what}</p>
      <Choice
        label={texts.replace.overlap}
        value={String(overlapHours)}
        options={overlaps.map(hours => [String(hours), texts.replace.hours(hours)])}
        choose={value => setOverlapHours(Number(value))}
      />
      <FormButtons submit={texts.replace.action} failure={failure} isBusy={isBusy} cancel={close} />
    </form>
  )
}
