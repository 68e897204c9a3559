import type { ComponentChildren } from 'preact'
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks'

interface DialogButtonProps {
  /** Label of the button. If `heading` is absent, the label is also the dialog's heading. */
  label: string
  heading?: string
  class?: string
  /** Content of the dialog, rendered only while the dialog is open. `close` closes the dialog. */
  children(close: () => void): ComponentChildren
}

export function DialogButton({ label, heading = label, class: name = '', children }: DialogButtonProps) {
  const [isOpen, setOpen] = useState(false)
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  useLayoutEffect(() => {
    if (isOpen) dialog.current?.showModal()
    else dialog.current?.close()
  }, [isOpen])
  return (
    <>
      <button type="button" class={name} onClick={() => setOpen(true)}>
        {label}
      </button>
      <dialog ref={dialog} aria-labelledby={id} onClose={() => setOpen(false)}>
        <h2 id={id}>{heading}</h2>
        {isOpen && children(() => setOpen(false))}
      </dialog>
    </>
  )
}
