import type { ChangeRow } from '../../change-rows'
import { deletedRows, forgetDeleted } from '../../deleted'
import { client } from '../../graphql/client'
import { words } from '../../words'
import { ChangeRowsDialog, Names, type RowsDialogProps } from '../change-rows-dialog'
import { changeRowsWords } from '../change-rows-words'

const texts = changeRowsWords.undo

/** Recreates a deleted session with its former contents. */
const startAnew: ChangeRow = async ({ id }, options) => {
  const deleted = deletedRows.value.find(({ row }) => row.id === id)
  if (!deleted) return
  const { start, idempotencyKey } = deleted
  await client.startSession(start, { ...options, idempotencyKey })
}

/** A dialog that explains what can't be restored, asks for confirmation, and recreates deleted sessions. */
export const UndoDialog = ({ onDone, ...props }: RowsDialogProps) => (
  <ChangeRowsDialog
    {...props}
    texts={texts}
    onDone={ids => {
      forgetDeleted(ids)
      onDone?.(ids)
    }}
  >
    {(rows, run, cancel) => (
      <>
        <p>{texts.what(rows.length)}</p>
        <Names rows={rows} hasFacts />
        <div class="buttons">
          <button type="button" class="primary" autofocus onClick={() => run({ rows, change: startAnew })}>
            {texts.submit}
          </button>
          <button type="button" onClick={cancel}>
            {words.cancel}
          </button>
        </div>
      </>
    )}
  </ChangeRowsDialog>
)
