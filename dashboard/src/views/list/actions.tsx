import { useEffect, useState } from 'preact/hooks'
import { csvPath, download } from '../../download'
import { requestRows } from '../../live/follow-route'
import { listState, maxRows } from '../../live/list'
import { route } from '../../router'
import { announce, useStore } from '../../store'
import { words } from '../../words'
import { ErrorMessage } from '../error-message'

/** Buttons that export and print the sessions that match the filter. */
export function ListActions() {
  const [failure, setFailure] = useState<string | null>(null)
  return (
    <div class="list-actions">
      <div class="buttons">
        <ExportButton failed={setFailure} />
        <PrintButton />
      </div>
      <ErrorMessage text={failure} />
    </div>
  )
}

/** Exports the sessions that match the filter. The server can't export just the sessions that have no organisation. */
export function ExportButton({ failed }: { failed(message: string | null): void }) {
  const { filter } = useStore(route)
  const [isBusy, setBusy] = useState(false)
  const save = async (): Promise<void> => {
    if (isBusy) return
    setBusy(true)
    failed(null)
    await download(csvPath(filter)).catch((error: Error) => failed(error.message))
    setBusy(false)
  }
  if (filter.withoutOrganisation) return null
  return (
    <button type="button" aria-disabled={isBusy} onClick={save}>
      {words.list.exportCsv}
    </button>
  )
}

/** Button that prints the list after all its rows have been read. */
function PrintButton() {
  const [isWaiting, wait] = useState(false)
  const { rows, complete, full, stale, error } = useStore(listState)
  const isThere = !stale && (complete || full)
  // Request all rows again after every render, because scrolling reduces the number of requested rows.
  useEffect(() => {
    if (!isWaiting) return
    if (!isThere && !error) return requestRows(maxRows)
    wait(false)
    if (isThere) print()
  })
  const start = (): void => {
    if (!isThere) announce(words.list.readingToPrint)
    wait(true)
  }
  return (
    <button type="button" aria-disabled={isWaiting} onClick={start}>
      {isWaiting ? words.list.readSoFar(rows.length) : words.list.print}
    </button>
  )
}
