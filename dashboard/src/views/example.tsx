import { useEffect, useRef, useState } from 'preact/hooks'
import { minuteUnit } from '../format'
import {
  emptyValues,
  type FieldValues,
  faultsOf,
  formatInput,
  inputsOf,
  interpretationOf,
  numberNames,
} from '../inputs'
import { previewOutputs } from '../preview'
import type { Inputs, Numbers } from '../types'
import { words } from '../words'
import { Field } from './field'
import type { Preview } from './session/calculator'
import { PreviewBar, ResultCard } from './session/result'

/** An example calculation that the user can edit. The example sends nothing to the server. */
export function Example({ numbers }: { numbers: Numbers }) {
  const [values, setValues] = useState<FieldValues>({
    ...emptyValues,
    ...Object.fromEntries(numberNames.map(name => [name, formatInput(numbers[name])])),
  })
  /** The latest valid numbers, and the outputs calculated from these numbers. */
  const [preview, setPreview] = useState<Preview | null>(null)
  const form = useRef<HTMLDivElement>(null)
  const faults = faultsOf(values)
  useEffect(() => form.current?.querySelector('input')?.focus(), [])
  useEffect(() => {
    if (faults.length > 0) return
    const inputs = inputsOf(values) as Inputs
    let isLatest = true
    previewOutputs(inputs).then(
      outputs => isLatest && setPreview({ inputs, outputs }),
      () => {},
    )
    return () => {
      isLatest = false
    }
  }, [values])
  return (
    <div>
      {preview && <PreviewBar {...preview} />}
      <div class="example">
        <div class="card" ref={form}>
          <h2>{words.welcome.forExample}</h2>
          <p class="soft">{words.welcome.isPreview}</p>
          <div class="fields">
            {numberNames.map(name => (
              <Field
                key={name}
                label={words.calculator[name]}
                unit={name === 'avgMinutes' ? minuteUnit : undefined}
                hint=""
                interpretation={interpretationOf(name, values)}
                fault={faults.find(fault => fault.name === name)?.message}
                input={{
                  name,
                  value: values[name],
                  inputmode: name === 'sessions' ? 'numeric' : 'decimal',
                  autocomplete: 'off',
                  onInput: ({ currentTarget }) => setValues({ ...values, [name]: currentTarget.value }),
                }}
              />
            ))}
          </div>
        </div>
        <ResultCard result={null} preview={preview} />
      </div>
    </div>
  )
}
