import type { FunctionComponent } from 'preact'
import { useLayoutEffect, useState } from 'preact/hooks'
import { ConnectionError } from '../../../packages/client/src/index.js'
import type { Row } from '../change-rows'
import { words } from '../words'
import type { RowsDialogProps } from './change-rows-dialog'
import { ErrorMessage, useError } from './error-message'

interface ChangeRowsButtonProps {
  label: string
  class?: string
  rows: readonly Row[]
  /** Loads the dialog's script when it is first needed. */
  load(): Promise<FunctionComponent<RowsDialogProps>>
  /** Called when the dialog opens or closes. */
  setOpen?(isOpen: boolean): void
  onDone?(ids: string[]): void
}

export function ChangeRowsButton({ label, class: name, rows, load, setOpen, onDone }: ChangeRowsButtonProps) {
  const [Dialog, setDialog] = useState<FunctionComponent<RowsDialogProps> | null>(null)
  const [isOpen, setIsOpen] = useState(false)
  const [failure, fail] = useError()
  useLayoutEffect(() => {
    if (!isOpen) return
    setOpen?.(true)
    return () => setOpen?.(false)
  }, [isOpen])
  const open = (): void => {
    fail(null)
    load().then(
      dialog => {
        setDialog(() => dialog)
        setIsOpen(true)
      },
      () => fail(new ConnectionError(words.unreachable)),
    )
  }
  return (
    <>
      <button type="button" class={name} onClick={open}>
        {label}
      </button>
      <ErrorMessage text={failure} />
      {Dialog && <Dialog rows={rows} isOpen={isOpen} onClose={() => setIsOpen(false)} onDone={onDone} />}
    </>
  )
}

const loadReassign = () => import('./reassign-dialog').then(({ ReassignDialog }) => ReassignDialog)

/** Button that opens the dialog for assigning rows to another mentor or organisation. */
export const ReassignButton = (props: Omit<ChangeRowsButtonProps, 'label' | 'load'>) => (
  <ChangeRowsButton {...props} label={words.actions.REASSIGN_REQUESTED} load={loadReassign} />
)
