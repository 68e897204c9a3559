import { useEffect, useId, useState } from 'preact/hooks'
import { ExtensionPoint, useCapabilities } from '../../capability'
import { csvPath, download } from '../../download'
import { clearSelectedRows, deselectRows, maxSelected, selectedRows } from '../../live/selected-rows'
import { caller, mayChange, mayManage } from '../../sign-in/caller'
import { announceDebounced, useStore } from '../../store'
import { words } from '../../words'
import { ChangeRowsButton, ReassignButton } from '../change-rows-button'
import { ErrorMessage } from '../error-message'
import { SelectAll } from './table'
import './selection-bar.css'

const texts = words.selected

/** Maximum number of sessions that the server can export by their ids. */
const maxExported = 100

const loadDetails = () => import('../set-details-dialog').then(({ SetDetailsDialog }) => SetDetailsDialog)
const loadDelete = () => import('./delete-dialog').then(({ DeleteDialog }) => DeleteDialog)

/** A bar at the bottom of the window with actions for the selected rows. */
export function SelectionBar() {
  const selected = useStore(selectedRows)
  const user = useStore(caller)
  const [failure, setFailure] = useState<string | null>(null)
  const [isDialogOpen, setDialogOpen] = useState(false)
  const hint = useId()
  const count = selected.size
  const hintText = useHint(count)
  const ids = [...selected.keys()]
  const change = { rows: [...selected.values()], setOpen: setDialogOpen, onDone: deselectRows }
  useEffect(() => {
    setFailure(null)
    return count > 0 ? announceDebounced(texts.count(count)) : undefined
  }, [count])
  // Preload the delete dialog, so that it opens even while the server is unreachable.
  useEffect(() => {
    if (count > 0) loadDelete().catch(() => {})
  }, [count > 0])
  // Keep the bar while one of its dialogs is open, because the dialogs are children of the bar.
  if (count === 0 && !isDialogOpen) return null
  return (
    <section class="selection-bar" aria-label={texts.label}>
      {/* biome-ignore lint/a11y/noLabelWithoutControl: SelectAll is the control. */}
      <label class="all">
        <SelectAll />
        <span aria-hidden="true">{texts.all}</span>
      </label>
      <strong>{texts.count(count)}</strong>
      <button type="button" class="quiet" onClick={clear}>
        {texts.clear}
      </button>
      <p class="soft" id={hint}>
        {hintText}
      </p>
      <div class="buttons">
        <ExtensionPoint name="selectedRowsActions" props={{ ids, describedBy: hint }} />
        <ExportButton ids={ids} describedBy={hint} failed={setFailure} />
        {mayChange(user) && <ChangeRowsButton {...change} label={texts.details} load={loadDetails} />}
        {mayManage(user) && <ReassignButton {...change} />}
        {mayChange(user) && <ChangeRowsButton {...change} label={texts.delete} class="danger" load={loadDelete} />}
      </div>
      <ErrorMessage text={failure} />
    </section>
  )
}

function useHint(count: number): string {
  const hints = useCapabilities().flatMap(({ hintForSelected }) => hintForSelected?.(count) || [])
  if (count === maxSelected) return texts.full(maxSelected)
  return count > maxExported ? texts.exportable(maxExported) : (hints[0] ?? '')
}

/** Clears the selection, and moves the focus to the list because the bar with the pressed button disappears. */
function clear(): void {
  clearSelectedRows()
  document.querySelector<HTMLElement>('.rows [data-column][tabindex="0"]')?.focus()
}

interface ExportButtonProps {
  ids: string[]
  describedBy: string
  failed(message: string | null): void
}

function ExportButton({ ids, describedBy, failed }: ExportButtonProps) {
  const [isBusy, setBusy] = useState(false)
  const isDisabled = isBusy || ids.length > maxExported
  const save = async (): Promise<void> => {
    if (isDisabled) return
    setBusy(true)
    failed(null)
    await download(csvPath({}, ids)).catch((error: Error) => failed(error.message))
    setBusy(false)
  }
  return (
    <button type="button" aria-disabled={isDisabled} aria-describedby={describedBy} onClick={save}>
      {words.list.exportCsv}
    </button>
  )
}
