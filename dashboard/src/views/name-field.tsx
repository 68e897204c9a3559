import { useCapabilities } from '../capability'
import { words } from '../words'
import { onKeys, useCombobox } from './combobox'
import { Field } from './field'
import './combobox.css'
import './name-field.css'

interface NameFieldProps {
  kind: 'mentor' | 'organisation'
  name: string
  label: string
  hint: string
  fault: string | undefined
  value: string
  setValue(value: string): void
  readOnly: boolean
}

/** A field for the id of a mentor or an organisation. Suggests those that are known, and takes any other text. */
export function NameField({ kind, name, label, hint, fault, value, setValue, readOnly }: NameFieldProps) {
  const suggestNames = useCapabilities().find(({ suggestNames }) => suggestNames)?.suggestNames
  const suggest = async (text: string): Promise<string[]> => (await suggestNames?.(kind, text)) ?? []
  const { found, active, ...box } = useCombobox(value, suggest, ({ length }) => length)
  const isShown = Boolean(found?.length)
  const choose = (chosen: string): void => {
    setValue(chosen)
    box.close()
  }
  const activeName = active === null ? undefined : found?.[active]
  const keys = {
    ArrowDown: () => box.moveActive(1),
    ArrowUp: () => box.moveActive(-1),
    Enter: activeName === undefined ? undefined : () => choose(activeName),
    Escape: isShown ? box.close : undefined,
  }
  return (
    <div class="name-field">
      <Field
        label={label}
        hint={hint}
        fault={fault}
        input={{
          ...(!readOnly && { ...box.inputAttributes, 'aria-expanded': isShown, onKeyDown: onKeys(keys) }),
          name,
          readOnly,
          value,
          onInput: ({ currentTarget }) => {
            setValue(currentTarget.value)
            box.open()
          },
          onBlur: box.close,
        }}
      />
      <div class="found" hidden={!isShown} onPointerDown={event => event.preventDefault()}>
        <div role="listbox" id={box.listId} aria-label={words.proposal.suggestions(label)}>
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
