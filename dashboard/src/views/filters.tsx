import { useRef } from 'preact/hooks'
import { byName } from '../format'
import type { Row } from '../live/list'
import { go, route, statesAtRest } from '../route'
import { caller } from '../sign-in/caller'
import { useStore } from '../store'
import { words } from '../words'
import './filters.css'

const known = (rows: Row[], member: 'organisationId' | 'mentorId'): string[] => {
  const values = new Set<string>()
  for (const row of rows) {
    const value = row[member]
    if (value !== null) values.add(value)
    if (values.size === 100) break
  }
  return [...values].sort(byName)
}

/** What the list and the figures are of, as the address keeps it. */
export function Filters({ rows }: { rows: Row[] }) {
  const { filter } = useStore(route)
  const { mentor_id, organisation_id } = useStore(caller)
  const { state, ...others } = filter
  return (
    <div class="filters">
      <h2 id="sessions-heading" tabIndex={-1}>
        {words.list.all}
      </h2>
      <search>
        {organisation_id === null && (
          <TextFilter member="organisationId" label={words.organisation} values={known(rows, 'organisationId')} />
        )}
        {mentor_id === null && <TextFilter member="mentorId" label={words.mentor} values={known(rows, 'mentorId')} />}
        <label>
          <span>{words.state}</span>
          <select
            value={state ?? ''}
            onChange={({ currentTarget }) => {
              const chosen = statesAtRest.find(state => state === currentTarget.value)
              go({ filter: { ...others, ...(chosen && { state: chosen }) } }, { replace: true })
            }}
          >
            <option value="">{words.list.any}</option>
            {statesAtRest.map(state => (
              <option key={state} value={state}>
                {words.states[state]}
              </option>
            ))}
          </select>
        </label>
        {Object.keys(filter).length > 0 && (
          <button type="button" class="quiet" onClick={() => go({ filter: {} }, { replace: true })}>
            {words.list.clear}
          </button>
        )}
      </search>
    </div>
  )
}

function TextFilter(props: { member: 'organisationId' | 'mentorId'; label: string; values: string[] }) {
  const { member, label, values } = props
  const { filter } = useStore(route)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const apply = (value: string): void => {
    const { [member]: _, ...others } = route.value.filter
    go({ filter: value ? { ...others, [member]: value } : others }, { replace: true })
  }
  return (
    <label>
      <span>{label}</span>
      <input
        list={`known-${member}`}
        value={filter[member] ?? ''}
        placeholder={words.list.any}
        autocomplete="off"
        spellcheck={false}
        onInput={({ currentTarget }) => {
          const { value } = currentTarget
          clearTimeout(timer.current)
          timer.current = setTimeout(() => apply(value), 300)
        }}
      />
      <datalist id={`known-${member}`}>
        {values.map(value => (
          <option key={value} value={value} />
        ))}
      </datalist>
    </label>
  )
}
