import { useEffect, useState } from 'preact/hooks'
import { csvOf, download } from '../download'
import { wantRows } from '../live/follow-address'
import { maxRows, sessions } from '../live/list'
import { route } from '../route'
import { announce, Store, useStore } from '../store'
import { words } from '../words'
import { RefusalText } from './refusal'

/** All rows that are held are in the page, to be printed. */
export const printing = new Store(false)
addEventListener('beforeprint', () => printing.set(true))
addEventListener('afterprint', () => printing.set(false))

/** The list as a file, and on paper. */
export function TakeAway() {
  const [failure, setFailure] = useState<string | null>(null)
  const [isBusy, setBusy] = useState(false)
  const save = async (): Promise<void> => {
    if (isBusy) return
    setBusy(true)
    setFailure(null)
    await download(csvOf(route.value.filter)).catch((error: Error) => setFailure(error.message))
    setBusy(false)
  }
  return (
    <div class="take-away">
      <div class="buttons">
        <button type="button" aria-disabled={isBusy} onClick={save}>
          {words.list.exportCsv}
        </button>
        <PrintButton />
      </div>
      <RefusalText text={failure} />
    </div>
  )
}

/** Prints the list once all of it is read. */
function PrintButton() {
  const [isWaiting, wait] = useState(false)
  const { rows, complete, full, stale, refusal } = useStore(sessions)
  const isThere = !stale && (complete || full)
  // Whoever scrolls meanwhile wants fewer.
  useEffect(() => {
    if (!isWaiting) return
    if (!isThere && !refusal) return wantRows(maxRows)
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
