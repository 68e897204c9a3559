import { deletedRows, forgetDeleted, latestDeletion } from '../../deleted'
import { selectedRows } from '../../live/selected-rows'
import { useStore } from '../../store'
import { words } from '../../words'
import { ChangeRowsButton } from '../change-rows-button'
import './selection-bar.css'

const texts = words.selected.deleted

const loadUndo = () => import('./undo-dialog').then(({ UndoDialog }) => UndoDialog)

/** A bar at the bottom of the window that offers to undo the latest deletion. Hidden while rows are selected. */
export function DeletedBar() {
  const latest = latestDeletion(useStore(deletedRows))
  const selected = useStore(selectedRows)
  if (latest.length === 0 || selected.size > 0) return null
  const rows = latest.map(({ row }) => row)
  return (
    <section class="selection-bar" aria-label={texts.label}>
      <strong>{texts.count(rows.length)}</strong>
      <div class="buttons">
        <ChangeRowsButton key={latest[0]?.deletion} label={texts.undo} rows={rows} load={loadUndo} />
        <button type="button" class="quiet" onClick={() => forgetDeleted(rows.map(({ id }) => id))}>
          {texts.hide}
        </button>
      </div>
    </section>
  )
}
