import type { ComponentChildren } from 'preact'
import { useId, useRef, useState } from 'preact/hooks'
import { words } from '../words'
import { RefusalText } from './refusal'

interface SureProps {
  /** What is asked to be done, on the button that asks and on the one that does it. */
  action: string
  heading: string
  failure: string | null
  /** The version of what is seen while it is asked. */
  version: number
  /** Does it, and says whether it was done. */
  act(version: number): Promise<boolean>
  /** What is ended by it. */
  children: ComponentChildren
}

/** A button for what can't be taken back: it asks first, and the answer that ends nothing has the focus. */
export function Sure({ action, heading, failure, version, act, children }: SureProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [seen, see] = useState<number | null>(null)
  const acting = useRef(false)
  const id = useId()
  const open = (): void => {
    see(version)
    dialog.current?.showModal()
  }
  const confirm = async (): Promise<void> => {
    if (acting.current) return
    acting.current = true
    const isDone = await act(seen ?? version)
    acting.current = false
    if (isDone) dialog.current?.close()
    // What was changed meanwhile is seen by now.
    else see(null)
  }
  return (
    <>
      <button type="button" class="danger" onClick={open}>
        {action}
      </button>
      <dialog ref={dialog} aria-labelledby={id} onClose={() => see(null)}>
        <h2 id={id}>{heading}</h2>
        {children}
        {seen !== null && seen < version && <p class="refusal">{words.conflict.meanwhile}</p>}
        <RefusalText text={failure} />
        <div class="buttons">
          <button type="button" autofocus onClick={() => dialog.current?.close()}>
            {words.close.keep}
          </button>
          <button type="button" class="danger filled" onClick={confirm}>
            {action}
          </button>
        </div>
      </dialog>
    </>
  )
}
