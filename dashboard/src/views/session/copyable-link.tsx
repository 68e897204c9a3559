import { useRef, useState } from 'preact/hooks'
import { announce } from '../../store'
import { words } from '../../words'

const texts = words.share

/** A link and the button that copies it. */
export function CopyableLink({ path, label }: { path: string; label: string }) {
  const link = useRef<HTMLInputElement>(null)
  const url = new URL(path, location.href).href
  const [copied, setCopied] = useState<'copied' | 'selected' | null>(null)

  const copy = async (): Promise<void> => {
    const isCopied = await navigator.clipboard?.writeText(url).then(
      () => true,
      () => false,
    )
    const outcome = isCopied || copyBySelection(link.current) ? 'copied' : 'selected'
    setCopied(outcome)
    announce(outcome === 'copied' ? texts.announcedCopied : texts.selected)
    setTimeout(() => setCopied(null), 4_000)
  }

  return (
    <>
      <div class="link">
        <input ref={link} readOnly value={url} aria-label={label} onFocus={() => link.current?.select()} />
        <button type="button" onClick={copy}>
          {copied === 'copied' ? texts.copied : texts.copy}
        </button>
      </div>
      {copied === 'selected' && <p class="soft">{texts.selected}</p>}
    </>
  )
}

/** Fallback without the clipboard API: it needs a secure context, and may be denied. */
function copyBySelection(link: HTMLInputElement | null): boolean {
  link?.focus()
  link?.select()
  return document.execCommand('copy')
}
