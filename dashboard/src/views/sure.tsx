import type { ComponentChildren } from 'preact'
import { useId, useRef, useState } from 'preact/hooks'
import { words } from '../words'
import { RefusalText } from './refusal'

interface SureProps {
  /** Label of the button that opens the dialog and of the one that confirms. */
  action: string
  /** Label of the button that cancels. */
  keep: string
  heading: string
  failure: string | null
  /** Session version that the user sees. */
  version: number
  /** Performs the action. Resolves to whether it succeeded. */
  act(version: number): Promise<boolean>
  /** Shows what the action ends. */
  children: ComponentChildren
}

/** A button for an irreversible action. It opens a dialog in which the button that cancels has the focus. */
export function Sure({ action, keep, heading, failure, version, act, children }: SureProps) {
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
    // By now, the user sees the newer version.
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
            {keep}
          </button>
          <button type="button" class="danger filled" onClick={confirm}>
            {action}
          </button>
        </div>
      </dialog>
    </>
  )
}
