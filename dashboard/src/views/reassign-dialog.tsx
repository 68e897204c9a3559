import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { isApiError, type ReassignInput } from '../../../packages/client/src/index.js'
import { type ChangeRow, idempotentSender, type Row } from '../change-rows'
import { client } from '../graphql/client'
import { noteOwnTransition } from '../live/session'
import { caller } from '../sign-in/caller'
import { words } from '../words'
import { ChangeRowsDialog, type Decision, type RowsDialogProps } from './change-rows-dialog'
import { changeRowsWords } from './change-rows-words'
import { FormButtons } from './form-buttons'
import { NameField } from './name-field'
import { useOwnerFields } from './owner-fields'
import './reassign-dialog.css'

const texts = changeRowsWords.reassign

/** Maximum number of former mentors or organisations that are shown before the user expands the list. */
const maxNames = 5

type Member = keyof ReassignInput

/**
 * A dialog that assigns rows to another mentor or organisation. The dialog asks for the new mentor or organisation, and
 * explains what changes.
 */
export function ReassignDialog(props: RowsDialogProps) {
  const [send] = useState(idempotentSender)
  const reassign =
    (owner: ReassignInput): ChangeRow =>
    async (row, options) => {
      const { id, version } = row
      try {
        const { session } = await send([id, version, owner], options.signal, idempotencyKey =>
          client.reassign({ id, version }, owner, { ...options, idempotencyKey }),
        )
        noteOwnTransition(id, session.version)
      } catch (error) {
        if (!isApiError(error, 'LIMIT_REACHED')) throw error
        throw new Error(texts.mentorFull(error.details.limit))
      }
    }
  return (
    <ChangeRowsDialog {...props} texts={texts}>
      {(rows, run, cancel) => <ReassignForm rows={rows} reassign={reassign} run={run} cancel={cancel} />}
    </ChangeRowsDialog>
  )
}

interface ReassignFormProps {
  rows: readonly Row[]
  reassign(owner: ReassignInput): ChangeRow
  run(decision: Decision): void
  cancel(): void
}

function ReassignForm({ rows, reassign, run, cancel }: ReassignFormProps) {
  const mentorId = commonOf(rows, 'mentorId')
  const organisationId = commonOf(rows, 'organisationId')
  const hasFixedOrganisation = caller.value.organisationId !== null
  const { form, ids, check, ...fields } = useOwnerFields(
    { mentorId: mentorId ?? '', organisationId: organisationId ?? '' },
    {
      isMentorRequired: mentorId !== undefined,
      replaced: { mentorId: idsOf(rows, 'mentorId'), organisationId: idsOf(rows, 'organisationId') },
    },
  )
  /**
   * Whether the user chose to remove the organisation from all rows. The choice is offered if the rows have different
   * organisations.
   */
  const [removes, setRemoves] = useState(false)
  const [failure, setFailure] = useState<string | null>(null)
  const checking = useRef(false)
  useEffect(() => setFailure(null), [ids, removes])

  const owner: ReassignInput = {
    ...(fields.mentorId !== '' && fields.mentorId !== mentorId && { mentorId: fields.mentorId }),
    ...(removes
      ? { organisationId: null }
      : fields.organisationId !== (organisationId ?? '') && { organisationId: fields.organisationId || null }),
  }
  const changing = rows.filter(row => membersOf(owner).some(member => row[member] !== owner[member]))

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    if (checking.current) return
    checking.current = true
    const mayRun = await check()
    checking.current = false
    if (!mayRun || !form.current?.isConnected) return
    if (changing.length === 0) {
      setFailure(texts.nothing)
      return
    }
    run({ rows: changing, change: reassign(owner), report: done => <Changes rows={done} owner={owner} /> })
  }

  return (
    <form ref={form} onSubmit={submit} noValidate>
      <NameField
        {...fields.mentor}
        hint={mentorId === undefined ? texts.keepHint : words.start.mentorHint}
        placeholder={mentorId === undefined ? texts.several : undefined}
        readOnly={false}
      />
      <NameField
        {...fields.organisation}
        hint={
          hasFixedOrganisation ? words.start.organisationIsYours : removes ? '' : organisationHintOf(organisationId)
        }
        placeholder={organisationId === undefined && !removes ? texts.several : undefined}
        readOnly={hasFixedOrganisation || removes}
      />
      {organisationId === undefined && (
        <label class="remove">
          <input
            type="checkbox"
            checked={removes}
            onChange={({ currentTarget }) => {
              setRemoves(currentTarget.checked)
              fields.organisation.setValue('')
            }}
          />
          {texts.remove}
        </label>
      )}
      <div>
        <p>{texts.changes(changing.length, rows.length)}</p>
        <Changes rows={changing} owner={owner} />
      </div>
      <FormButtons submit={texts.submit(changing.length)} failure={failure} cancel={cancel} />
    </form>
  )
}

function organisationHintOf(organisationId: string | null | undefined): string {
  if (organisationId === undefined) return texts.keepHint
  return organisationId === null ? words.start.organisationHint : texts.organisationHint
}

const membersOf = (owner: ReassignInput): Member[] => Object.keys(owner) as Member[]

const idsOf = (rows: readonly Row[], member: Member): string[] => rows.flatMap(row => row[member] ?? [])

/** Returns the mentor or organisation that all rows share, or undefined if the rows differ. */
function commonOf<M extends Member>(rows: readonly Row[], member: M): Row[M] | undefined {
  const first = rows[0]?.[member]
  return rows.every(row => row[member] === first) ? first : undefined
}

/** Describes how the rows' mentors and organisations change. */
const Changes = ({ rows, owner }: { rows: readonly Row[]; owner: ReassignInput }) => (
  <ul class="changes">
    {membersOf(owner).map(member => {
      const rowsByName = Map.groupBy(
        rows.filter(row => row[member] !== owner[member]),
        row => row[member],
      )
      if (rowsByName.size === 0) return null
      return (
        <li key={member}>
          {texts.fromTo[member]<ComponentChildren>(<FormerNames rowsByName={rowsByName} />, nameOf(owner[member]))}
        </li>
      )
    })}
  </ul>
)

const nameOf = (id: string | null | undefined): ComponentChildren => (id ? <bdi>{id}</bdi> : texts.noOrganisation)

/** Lists mentors or organisations, sorted by their number of rows, highest first. */
function FormerNames({ rowsByName }: { rowsByName: Map<string | null, readonly Row[]> }) {
  const names = [...rowsByName].sort(([, a], [, b]) => b.length - a.length)
  const shown = names.length <= maxNames + 1 ? names : names.slice(0, maxNames)
  return (
    <>
      {shown.map(([id, { length }], i) => (
        <span key={id}>
          {i > 0 && ', '}
          {names.length === 1 ? nameOf(id) : texts.withCount(nameOf(id), length)}
        </span>
      ))}
      {shown.length < names.length && ` ${changeRowsWords.more(names.length - shown.length)}`}
    </>
  )
}
