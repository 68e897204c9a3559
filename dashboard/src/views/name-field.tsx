import { useEffect } from 'preact/hooks'
import { words } from '../words'
import { onKeys, useCombobox } from './combobox'
import { Field } from './field'
import './combobox.css'
import './name-field.css'

interface NameFieldProps {
  name: string
  label: string
  hint: string
  placeholder?: string | undefined
  fault: string | undefined
  value: string
  setValue(value: string): void
  readOnly: boolean
  /**
   * An existing name that differs from the entered name only in spelling. The field suggests using the existing name.
   */
  existing: string | null
  /** Returns existing names that contain the entered text. */
  suggest(text: string): Promise<string[]>
}

/** An input for a mentor or an organisation, which suggests existing names but accepts any text. */
export function NameField({
  name,
  label,
  hint,
  placeholder,
  fault,
  value,
  setValue,
  readOnly,
  existing,
  suggest,
}: NameFieldProps) {
  const { found, active, ...box } = useCombobox(value, suggest, ({ length }) => length)
  // Show the error message instead of the suggestions.
  useEffect(() => {
    if (fault) box.close()
  }, [fault])
  const isShown = Boolean(found?.length)
  const choose = (chosen: string): void => {
    setValue(chosen)
    box.close()
  }
  const activeName = active === null ? undefined : found?.[active]
  const keys = {
    // Without a list of suggestions, this key moves to the suggestion of the existing name.
    ArrowDown: isShown || existing === null ? () => box.moveActive(1) : undefined,
    ArrowUp: () => box.moveActive(-1),
    Enter: activeName === undefined ? undefined : () => choose(activeName),
    Escape: isShown ? box.close : undefined,
  }
  return (
    <div class="name-field">
      <Field
        label={label}
        hint={isShown || (existing !== null && !fault) ? '' : hint}
        fault={fault}
        suggestion={isShown || existing === null ? undefined : { text: existing, accept: () => choose(existing) }}
        input={{
          ...(!readOnly && { ...box.inputAttributes, 'aria-expanded': isShown, onKeyDown: onKeys(keys) }),
          name,
          readOnly,
          placeholder,
          value,
          onInput: ({ currentTarget }) => {
            setValue(currentTarget.value)
            box.open()
          },
          onBlur: box.close,
        }}
      />
      <div class="found" hidden={!isShown} onPointerDown={event => event.preventDefault()}>
        {/* The Tab key skips the list, even if the list scrolls. */}
        <div role="listbox" tabIndex={-1} id={box.listId} aria-label={words.proposal.suggestions(label)}>
          {found?.map((id, i) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the input handles the keys.
            <div
              key={id}
              id={box.optionId(i)}
              role="option"
              tabIndex={-1}
              aria-selected={i === active}
              onClick={() => choose(id)}
            >
              <bdi>{id}</bdi>
            </div>
          ))}
        </div>
      </div>
    </div>
  )
}
