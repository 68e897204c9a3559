// biome-ignore-all lint/a11y/useSemanticElements: positioned rows would lose a table element's semantics.
// biome-ignore-all lint/a11y/useFocusableInteractive: in a grid, only one cell at a time can have the focus.
import { currencyFormats, formatDate, formatDateTime, formatFigure, formatMinute, formatPeriod } from '../../format'
import { highlightMs, type ListRow } from '../../live/list'
import { selectRow } from '../../live/selected-rows'
import { hrefOf, sessionRoute } from '../../router'
import { nameOf } from '../../session-name'
import { words } from '../../words'
import { openSession } from '../scroll-restoration'

interface RowProps {
  row: ListRow
  /** Zero-based index of the row in the list. */
  index: number
  top: number
  now: number
  /** Index of the column whose cell the Tab key reaches, or null if that cell is in another row. */
  tabbable: number | null
  isSelected: boolean
}

export function SessionRow({ row, index, top, now, tabbable, isSelected }: RowProps) {
  const { id, mentorId, organisationId, result, updatedAt } = row
  const marked = now - row.changedAt < highlightMs
  const { money } = currencyFormats(result?.inputs.currency ?? null)
  const { inputs, outputs } = result ?? {}
  const focusable = (column: number) => ({ 'data-column': column, tabIndex: tabbable === column ? 0 : -1 })
  const cell = (column: number) => ({ role: 'gridcell' as const, ...focusable(column) })
  return (
    <div
      class="row"
      role="row"
      aria-rowindex={index + 2}
      aria-selected={isSelected}
      data-id={id}
      data-mark={marked || undefined}
      style={{ '--top': `${top}px` }}
    >
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the grid handles the keys. */}
      <span
        role="gridcell"
        class="select"
        onMouseDown={event => event.shiftKey && event.preventDefault()}
        onClick={event => selectRow(id, { extend: event.shiftKey })}
      >
        <input type="checkbox" {...focusable(0)} aria-label={words.selected.select(nameOf(row))} checked={isSelected} />
      </span>
      <span role="rowheader" class="what">
        <a class="clipped" {...focusable(1)} href={hrefOf(sessionRoute(id))} onClick={openSession(id)}>
          {inputs?.label ? (
            <bdi>{inputs.label}</bdi>
          ) : (
            <MentorAndOrganisation mentor={mentorId} organisation={organisationId} />
          )}
        </a>
        {marked && <span class="mark">{row.isNew ? words.list.isNew : words.list.isChanged}</span>}
        <span class="soft clipped second">
          <StateChip row={row} />
          {inputs?.label && <MentorAndOrganisation mentor={mentorId} organisation={organisationId} />}
        </span>
      </span>
      <span {...cell(2)} class="period">
        {inputs?.period ? formatPeriod(inputs.period) : <NoValue />}
      </span>
      <span {...cell(3)} class="hours right">
        {outputs ? formatFigure(outputs.totalHours) : <NoValue />}
      </span>
      <span {...cell(4)} class="cost right">
        {outputs ? money(outputs.programmeCost) : <NoValue />}
      </span>
      <span {...cell(5)} class={`value right ${outputs && outputs.timeValue < outputs.programmeCost ? 'loss' : ''}`}>
        {outputs ? money(outputs.timeValue) : <NoValue />}
      </span>
      <span {...cell(6)} class="ratio right">
        {outputs?.benefitCostRatio == null ? <NoValue /> : formatFigure(outputs.benefitCostRatio)}
      </span>
      <span {...cell(7)} class="updated right" title={formatDateTime(updatedAt)}>
        <time dateTime={updatedAt}>
          {formatDate(updatedAt)} <span class="soft">{formatMinute(Date.parse(updatedAt))}</span>
        </time>
      </span>
    </div>
  )
}

export const MentorAndOrganisation = ({ mentor, organisation }: { mentor: string; organisation: string | null }) => (
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

/** A session's state, which is omitted for sessions with a current result because most sessions have one. */
const StateChip = ({ row: { state } }: { row: ListRow }) =>
  state !== 'LOADED' &&
  state !== 'CLOSED' && (
    <span class="chip" data-state={state}>
      {words.list.stateNames[state]}
    </span>
  )

export const NoValue = () => (
  <span class="soft">
    <span aria-hidden="true">–</span>
    <span class="unseen">{words.none}</span>
  </span>
)
