import { useRef, useState } from 'preact/hooks'
import { announce } from '../store'
import { words } from '../words'
import './copy-field.css'

interface CopyFieldProps {
  label: string
  value: string
  /** Announcement for screen readers after the text was copied. */
  copied: string
  /** Message shown if copying failed and the text was selected instead. */
  selected: string
}

/** A read-only text with a button that copies it. */
export function CopyField({ label, value, copied, selected }: CopyFieldProps) {
  const field = useRef<HTMLInputElement>(null)
  const [outcome, setOutcome] = useState<'copied' | 'selected' | null>(null)

  const copy = async (): Promise<void> => {
    const isCopied = await navigator.clipboard?.writeText(value).then(
      () => true,
      () => false,
    )
    const outcome = isCopied || copyBySelection(field.current) ? 'copied' : 'selected'
    setOutcome(outcome)
    announce(outcome === 'copied' ? copied : selected)
    setTimeout(() => setOutcome(null), 4_000)
  }

  return (
    <>
      <div class="copy-field">
        <input ref={field} readOnly value={value} aria-label={label} onFocus={() => field.current?.select()} />
        <button type="button" onClick={copy}>
          {outcome === 'copied' ? words.share.copied : words.share.copy}
        </button>
      </div>
      {outcome === 'selected' && <p class="soft">{selected}</p>}
    </>
  )
}

/** Fallback for the clipboard API, which requires a secure context and which the browser can deny. */
function copyBySelection(field: HTMLInputElement | null): boolean {
  field?.focus()
  field?.select()
  return document.execCommand('copy')
}
