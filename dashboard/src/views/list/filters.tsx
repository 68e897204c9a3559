import { useRef } from 'preact/hooks'
import { ExtensionPoint } from '../../capability'
import { type Filter, stableStates } from '../../route'
import { navigate, route } from '../../router'
import { useStore } from '../../store'
import { words } from '../../words'
import { ListActions } from './actions'
import { listHeading } from './list-heading'
import { MonthsFilter } from './months-filter'
import { SortControls } from './sort-controls'
import './filters.css'

/**
 * Controls for the list's order, and for the filter of the list and the figures. The page's address stores the order
 * and the filter.
 */
export function Filters() {
  const { filter } = useStore(route)
  const { state, ...others } = filter
  const bar = useRef<HTMLElement>(null)
  const without = (member: keyof Filter): void => {
    const { [member]: _, ...rest } = filter
    navigate({ filter: rest })
    bar.current?.querySelector('input')?.focus()
  }
  return (
    <div class="filters">
      <div class="title">
        <h2 id="sessions-heading" tabIndex={-1}>
          {listHeading(filter)}
        </h2>
        <ListActions />
      </div>
      <search ref={bar}>
        <ExtensionPoint name="listControls" props={{}} />
        <MonthsFilter apply={filter => navigate({ filter })} />
        <label>
          <span>{words.state}</span>
          <select
            value={state ?? ''}
            onChange={({ currentTarget }) => {
              const chosen = stableStates.find(state => state === currentTarget.value)
              navigate({ filter: { ...others, ...(chosen && { state: chosen }) } })
            }}
          >
            <option value="">{words.list.any}</option>
            {stableStates.map(state => (
              <option key={state} value={state}>
                {words.list.stateNames[state]}
              </option>
            ))}
          </select>
        </label>
        <SortControls />
      </search>
      {(filter.organisationId || filter.withoutOrganisation || filter.mentorId) && (
        <ul class="chips" aria-label={words.list.filters}>
          <Chip what={words.organisation} name={filter.organisationId} clear={() => without('organisationId')} />
          <Chip
            what={words.organisation}
            name={filter.withoutOrganisation && words.none}
            clear={() => without('withoutOrganisation')}
          />
          <Chip what={words.mentor} name={filter.mentorId} clear={() => without('mentorId')} />
        </ul>
      )}
    </div>
  )
}

/** An active filter, with a button that removes it. */
function Chip({ what, name, clear }: { what: string; name: string | undefined; clear(): void }) {
  if (!name) return null
  return (
    <li>
      <span class="soft">{what}</span> <bdi class="clipped">{name}</bdi>
      <button type="button" aria-label={words.list.without(`${what} ${name}`)} onClick={clear}>
        <span aria-hidden="true">×</span>
      </button>
    </li>
  )
}
