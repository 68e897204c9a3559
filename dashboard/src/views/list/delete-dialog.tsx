import { isApiError } from '../../../../packages/client/src/index.js'
import type { ChangeRow } from '../../change-rows'
import { client } from '../../graphql/client'
import { words } from '../../words'
import { ChangeRowsDialog, Names, type RowsDialogProps } from '../change-rows-dialog'
import { changeRowsWords } from '../change-rows-words'

const texts = changeRowsWords.deletion

const deleteRow: ChangeRow = async ({ id, version }, options) => {
  try {
    await client.closeSession({ id, version }, options)
  } catch (error) {
    // Somebody else has already deleted it, or the response to the first attempt was lost.
    if (!isApiError(error, 'SESSION_NOT_FOUND')) throw error
  }
}

/** Deletes rows, after it has said what is removed. */
export const DeleteDialog = (props: RowsDialogProps) => (
  <ChangeRowsDialog {...props} texts={texts}>
    {(rows, run, cancel) => (
      <>
        <p>{texts.removes(rows.length, rows.filter(({ result }) => result !== null).length)}</p>
        <Names rows={rows} />
        <div class="buttons">
          <button type="button" autofocus onClick={cancel}>
            {texts.keep(rows.length)}
          </button>
          <button type="button" class="danger filled" onClick={() => run({ rows, change: deleteRow })}>
            {words.selected.delete}
          </button>
        </div>
      </>
    )}
  </ChangeRowsDialog>
)
