import { useId } from 'preact/hooks'

interface ChoiceProps {
  label: string
  hint?: string
  value: string
  options: [value: string, name: string][]
  choose(value: string): void
}

/** A labelled select. */
export function Choice({ label, hint, value, options, choose }: ChoiceProps) {
  const id = useId()
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        value={value}
        aria-describedby={hint && `${id}-hint`}
        onChange={({ currentTarget }) => choose(currentTarget.value)}
      >
        {options.map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>
      {hint && <small id={`${id}-hint`}>{hint}</small>}
    </div>
  )
}
