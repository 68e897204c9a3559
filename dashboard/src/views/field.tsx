import type { InputHTMLAttributes } from 'preact'
import { useId, useRef } from 'preact/hooks'
import { words } from '../words'
import './field.css'

interface FieldProps {
  label: string
  hint: string
  unit?: string | undefined
  /** The parsed number as text, or null if it need not be shown. */
  interpretation?: string | null
  /** Message about an invalid value. */
  fault: string | undefined
  /**
   * A suggested replacement for the value, and a function that accepts the suggestion. The Tab key skips the suggestion,
   * because a person who types would press it without noticing. The Down key moves to the suggestion.
   */
  suggestion?: { text: string; accept(): void } | undefined
  input: InputHTMLAttributes
  /** Number of lines. Set only for multi-line texts. */
  lines?: number | undefined
}

/** A labelled input. The hint, the parsed number and the error message are shown below the input. */
export function Field({ label, hint, unit, interpretation, fault, suggestion, input, lines }: FieldProps) {
  const id = useId()
  const suggested = useRef<HTMLButtonElement>(null)
  const focusInput = (): void => document.getElementById(id)?.focus()
  const attributes = {
    ...(input as object),
    id,
    onKeyDown(event: KeyboardEvent) {
      const handle = input.onKeyDown as ((event: KeyboardEvent) => void) | undefined
      handle?.(event)
      if (event.key !== 'ArrowDown' || event.defaultPrevented || !suggested.current) return
      event.preventDefault()
      suggested.current.focus()
    },
    'aria-invalid': fault ? ('true' as const) : undefined,
    'aria-describedby': `${id}-hint ${id}-understood ${id}-fault ${id}-suggestion`,
  }
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <span class="input">
        {lines ? <textarea {...attributes} rows={lines} /> : <input {...attributes} />}
        {unit && (
          <span class="unit" aria-hidden="true">
            {unit}
          </span>
        )}
      </span>
      <small id={`${id}-hint`}>{hint}</small>
      <small id={`${id}-understood`} class="understood">
        {interpretation && words.understood(interpretation)}
      </small>
      <small id={`${id}-fault`} class="fault">
        {fault}
      </small>
      {suggestion && (
        <button
          type="button"
          class="suggestion"
          id={`${id}-suggestion`}
          ref={suggested}
          tabIndex={-1}
          aria-keyshortcuts="ArrowDown"
          onClick={() => {
            suggestion.accept()
            focusInput()
          }}
          onKeyDown={event => {
            if (event.key === 'ArrowUp') focusInput()
          }}
        >
          {words.didYouMean(suggestion.text)}
        </button>
      )}
    </div>
  )
}
