import type { ComponentChildren } from 'preact'
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { words } from '../words'
import { ErrorMessage } from './error-message'

interface ConfirmProps {
  /** Label of the button that confirms the action. */
  action: string
  /** Label of the button that cancels the action. */
  keep: string
  heading: string
  failure: string | null
  /** The session version that the user sees, or absent if the action does not change a session. */
  version?: number
  /** Performs the action. Resolves to whether the action succeeded. */
  onConfirm(version: number): Promise<boolean>
  /** Describes the consequences of the action. */
  children: ComponentChildren
}

/** A button for an irreversible action, which opens a dialog that asks for confirmation. */
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

/**
 * A dialog that asks the user to confirm an irreversible action. When the dialog opens, the cancel button has the
 * focus.
 */
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
    // The dialog now shows the session's current version, so the user's next attempt applies to that version.
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
