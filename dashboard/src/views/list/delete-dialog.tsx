import { newDeletion } from '../../deleted'
import { words } from '../../words'
import { ChangeRowsDialog, Names, type RowsDialogProps } from '../change-rows-dialog'
import { changeRowsWords } from '../change-rows-words'

const texts = changeRowsWords.deletion

/** A dialog that explains what deleting the rows removes, asks for confirmation, and deletes the rows. */
export const DeleteDialog = (props: RowsDialogProps) => (
  <ChangeRowsDialog {...props} texts={texts}>
    {(rows, run, cancel) => (
      <>
        <p>{texts.removes(rows.length, rows.filter(({ result }) => result !== null).length)}</p>
        <Names rows={rows} hasFacts />
        <div class="buttons">
          <button type="button" autofocus onClick={cancel}>
            {texts.keep(rows.length)}
          </button>
          <button type="button" class="danger filled" onClick={() => run({ rows, change: newDeletion() })}>
            {words.selected.delete}
          </button>
        </div>
      </>
    )}
  </ChangeRowsDialog>
)
