import type { InputHTMLAttributes } from 'preact'
import { useId } from 'preact/hooks'
import './field.css'

interface FieldProps {
  label: string
  hint: string
  unit?: string | undefined
  /** What is wrong with what it holds, as a sentence. */
  fault: string | undefined
  input: InputHTMLAttributes
}

/** An input with its label, and below it what it is for and what is wrong with it. */
export function Field({ label, hint, unit, fault, input }: FieldProps) {
  const id = useId()
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <span class="input">
        <input
          {...input}
          id={id}
          aria-invalid={fault ? 'true' : undefined}
          aria-describedby={`${id}-hint ${id}-fault`}
        />
        {unit && (
          <span class="unit" aria-hidden="true">
            {unit}
          </span>
        )}
      </span>
      <small id={`${id}-hint`}>{hint}</small>
      <small id={`${id}-fault`} class="fault">
        {fault}
      </small>
    </div>
  )
}
