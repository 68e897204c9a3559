// biome-ignore-all lint/a11y/useSemanticElements: positioned rows would lose a table element's semantics.
// biome-ignore-all lint/a11y/useFocusableInteractive: in a grid, only one cell at a time can have the focus.
import type { ComponentChildren } from 'preact'
import { shareDays } from '../../../src/domain/limits'
import { dateOf, datesOf, dateTimeOf, figure, formatsIn, minuteOf } from '../format'
import { markedMs, type Row } from '../live/list'
import { addressOf } from '../route'
import { words } from '../words'
import { openRow } from './opened-row'

interface RowProps {
  row: Row
  /** Index in the list, from 0. */
  index: number
  top: number
  now: number
  /** Column of the cell that the Tab key reaches, or null if it is in another row. */
  tabbable: number | null
}

/** A row of the list. */
export function ListRow({ row, index, top, now, tabbable }: RowProps) {
  const { id, mentorId, organisationId, result, updatedAt } = row
  const marked = now - row.touched < markedMs
  const { money } = formatsIn(result?.inputs.currency ?? null)
  const { inputs, outputs } = result ?? {}
  const cell = (column: number) => ({
    role: 'gridcell' as const,
    'data-column': column,
    tabIndex: tabbable === column ? 0 : -1,
  })
  return (
    <div
      class="row"
      role="row"
      aria-rowindex={index + 2}
      data-id={id}
      data-mark={marked || undefined}
      style={{ '--top': `${top}px` }}
    >
      <span role="rowheader" class="what">
        <a
          class="clipped"
          data-column={0}
          href={addressOf({ session: id })}
          onClick={openRow(id)}
          tabIndex={tabbable === 0 ? 0 : -1}
        >
          {inputs?.label ? <bdi>{inputs.label}</bdi> : <Who mentor={mentorId} organisation={organisationId} />}
        </a>
        {marked && <span class="mark">{row.started ? words.list.isNew : words.list.isChanged}</span>}
        <span class="soft clipped second">
          <Standing row={row} now={now} />
          {inputs?.label && <Who mentor={mentorId} organisation={organisationId} />}
        </span>
      </span>
      <span {...cell(1)} class="period">
        {inputs?.period ? datesOf(inputs.period) : <None />}
      </span>
      <span {...cell(2)} class="hours right">
        {outputs ? figure(outputs.totalHours) : <None />}
      </span>
      <span {...cell(3)} class="cost right">
        {outputs ? money(outputs.programmeCost) : <None />}
      </span>
      <span {...cell(4)} class={`value right ${outputs && outputs.timeValue < outputs.programmeCost ? 'loss' : ''}`}>
        {outputs ? money(outputs.timeValue) : <None />}
      </span>
      <span {...cell(5)} class="ratio right">
        {outputs?.benefitCostRatio == null ? <None /> : figure(outputs.benefitCostRatio)}
      </span>
      <span {...cell(6)} class="updated right" title={dateTimeOf(updatedAt)}>
        <time dateTime={updatedAt}>
          {dateOf(updatedAt)} <span class="soft">{minuteOf(Date.parse(updatedAt))}</span>
        </time>
      </span>
    </div>
  )
}

const Who = ({ mentor, organisation }: { mentor: string; organisation: string | null }) => (
  <>
    <bdi>{mentor}</bdi>
    {organisation !== null && (
      <>
        {' · '}
        <bdi>{organisation}</bdi>
      </>
    )}
  </>
)

/** State of a session, beside its numbers. */
function Standing({ row: { state, lastEvent, updatedAt }, now }: { row: Row; now: number }) {
  // After any later event, also a revocation, `lastEvent` is another one.
  const isShared = lastEvent === 'SHARE_REQUESTED' && now < Date.parse(updatedAt) + shareDays * 86_400_000
  const said: ComponentChildren[] = []
  if (state !== 'LOADED' && state !== 'CLOSED')
    said.push(
      <span class="chip" data-state={state}>
        {words.list.standings[state]}
      </span>,
    )
  if (isShared) said.push(<span class="chip">{words.list.shared}</span>)
  return <>{said}</>
}

const None = () => (
  <span class="soft">
    <span aria-hidden="true">–</span>
    <span class="unseen">{words.none}</span>
  </span>
)
