import type { InputHTMLAttributes } from 'preact'
import { useId } from 'preact/hooks'
import { words } from '../words'
import './field.css'

interface FieldProps {
  label: string
  hint: string
  unit?: string | undefined
  /** What a number was understood as, where that is to be said. */
  understood?: string | null
  /** What is wrong with what it holds, as a sentence. */
  fault: string | undefined
  /** What may have been meant, and how that is taken. */
  suggestion?: { text: string; take(): void } | undefined
  input: InputHTMLAttributes
}

/** An input with its label, and below it what it is for, what it is understood as and what is wrong with it. */
export function Field({ label, hint, unit, understood, fault, suggestion, input }: FieldProps) {
  const id = useId()
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <span class="input">
        <input
          {...input}
          id={id}
          aria-invalid={fault ? 'true' : undefined}
          aria-describedby={`${id}-hint ${id}-understood ${id}-fault`}
        />
        {unit && (
          <span class="unit" aria-hidden="true">
            {unit}
          </span>
        )}
      </span>
      <small id={`${id}-hint`}>{hint}</small>
      <small id={`${id}-understood`} class="understood">
        {understood && words.understood(understood)}
      </small>
      <small id={`${id}-fault`} class="fault">
        {fault}
      </small>
      {suggestion && (
        <button
          type="button"
          class="suggestion"
          onClick={() => {
            suggestion.take()
            document.getElementById(id)?.focus()
          }}
        >
          {words.didYouMean(suggestion.text)}
        </button>
      )}
    </div>
  )
}
