import { currencyFormats, formatDate, formatFigure, formatPeriod } from '../../format'
import { type ListRow, listState } from '../../live/list'
import type { Filter } from '../../route'
import { route } from '../../router'
import { isPrinting, useStore } from '../../store'
import { words } from '../../words'
import { PrintLine } from '../print-line'
import { listHeading } from './list-heading'
import { MentorAndOrganisation } from './row'
import './printed-list.css'

const { columns } = words.list

/**
 * Placeholder for a missing value. The placeholder contains no visually hidden text, because such a text in every row
 * would make printing slow.
 */
const noValue = '–'

/**
 * The list as printed: a plain table of the loaded rows, with a title, the date and the filters. Printing thousands of
 * rows of the on-screen list would cost the browser minutes and gigabytes of memory.
 */
export function PrintedList({ total }: { total: number }) {
  const { rows } = useStore(listState)
  const { filter } = useStore(route)
  if (!useStore(isPrinting)) return null
  return (
    <div class="printed-list">
      <h2>{listHeading(filter)}</h2>
      <PrintLine facts={[...filterTexts(filter), words.list.shown(rows.length, total)]} />
      {rows.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">{columns.calculation}</th>
              <th scope="col" class="period">
                {columns.period}
              </th>
              <th scope="col">{columns.hours}</th>
              <th scope="col">{columns.cost}</th>
              <th scope="col">{columns.value}</th>
              <th scope="col">{columns.ratio}</th>
              <th scope="col">{columns.updated}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(row => (
              <PrintedRow key={row.id} row={row} />
            ))}
          </tbody>
        </table>
      )}
    </div>
  )
}

/** Returns descriptions of the filters, such as "Mentor ann". */
const filterTexts = ({ organisationId, withoutOrganisation, mentorId, state }: Filter): string[] =>
  [
    organisationId && `${words.organisation} ${organisationId}`,
    withoutOrganisation && `${words.organisation} ${words.none}`,
    mentorId && `${words.mentor} ${mentorId}`,
    state && state !== 'CLOSED' && words.labelled(words.state, words.list.stateNames[state]),
  ].filter(text => typeof text === 'string')

function PrintedRow({ row: { mentorId, organisationId, state, result, updatedAt } }: { row: ListRow }) {
  const { inputs, outputs } = result ?? {}
  const { money } = currencyFormats(inputs?.currency ?? null)
  const names = <MentorAndOrganisation mentor={mentorId} organisation={organisationId} />
  return (
    <tr>
      <th scope="row">
        {inputs?.label ? <bdi>{inputs.label}</bdi> : names}
        {inputs?.label && <span class="soft second">{names}</span>}
        {state !== 'LOADED' && state !== 'CLOSED' && <span class="soft second">{words.list.stateNames[state]}</span>}
      </th>
      <td class="period">{inputs?.period ? formatPeriod(inputs.period) : noValue}</td>
      <td>{outputs ? formatFigure(outputs.totalHours) : noValue}</td>
      <td>{outputs ? money(outputs.programmeCost) : noValue}</td>
      <td>{outputs ? money(outputs.timeValue) : noValue}</td>
      <td>{outputs?.benefitCostRatio == null ? noValue : formatFigure(outputs.benefitCostRatio)}</td>
      <td>{formatDate(updatedAt)}</td>
    </tr>
  )
}
