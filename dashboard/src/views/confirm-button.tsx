import type { ComponentChildren } from 'preact'
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { words } from '../words'
import { ErrorMessage } from './error-message'

interface ConfirmProps {
  /** Label of the button that confirms. */
  action: string
  /** Label of the button that cancels. */
  keep: string
  heading: string
  failure: string | null
  /** Session version that the user sees. Absent if the action concerns no session. */
  version?: number
  /** Performs the action. Resolves to whether it succeeded. */
  onConfirm(version: number): Promise<boolean>
  /** Shows what the action ends. */
  children: ComponentChildren
}

/** A button for an irreversible action, which opens a dialog. */
export function ConfirmButton(props: ConfirmProps) {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <button type="button" class="danger" onClick={() => setOpen(true)}>
        {props.action}
      </button>
      <ConfirmDialog {...props} isOpen={isOpen} onClose={() => setOpen(false)} />
    </>
  )
}

/** A dialog about an irreversible action. Its cancel button has the focus. */
export function ConfirmDialog({
  action,
  keep,
  heading,
  failure,
  version = 0,
  onConfirm,
  children,
  isOpen,
  onClose,
}: ConfirmProps & { isOpen: boolean; onClose(): void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [seenVersion, setSeenVersion] = useState<number | null>(null)
  const isConfirming = useRef(false)
  const id = useId()
  useLayoutEffect(() => {
    setSeenVersion(isOpen ? version : null)
    if (isOpen) dialog.current?.showModal()
    else dialog.current?.close()
  }, [isOpen])
  const confirm = async (): Promise<void> => {
    if (isConfirming.current) return
    isConfirming.current = true
    const isDone = await onConfirm(seenVersion ?? version)
    isConfirming.current = false
    if (isDone) dialog.current?.close()
    // The user now sees the current version, which the next attempt confirms.
    else setSeenVersion(null)
  }
  return (
    <dialog ref={dialog} aria-labelledby={id} onClose={onClose}>
      <h2 id={id}>{heading}</h2>
      {isOpen && children}
      {seenVersion !== null && seenVersion < version && <p class="error-message">{words.conflict.meanwhile}</p>}
      <ErrorMessage text={failure} />
      <div class="buttons">
        <button type="button" autofocus onClick={() => dialog.current?.close()}>
          {keep}
        </button>
        <button type="button" class="danger filled" onClick={confirm}>
          {action}
        </button>
      </div>
    </dialog>
  )
}
