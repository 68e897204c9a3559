import { useEffect, useState } from 'preact/hooks'
import { csvOf, download } from '../download'
import { wantRows } from '../live/follow-address'
import { maxRows, sessions } from '../live/list'
import { addressOf, followLink, route } from '../route'
import { announce, Store, useStore } from '../store'
import { words } from '../words'
import { RefusalText } from './refusal'

/** Whether all held rows are rendered, for printing. */
export const printing = new Store(false)
addEventListener('beforeprint', () => printing.set(true))
addEventListener('afterprint', () => printing.set(false))

/** Ways to take the selection away: as a report, as a file, and on paper. */
export function TakeAway() {
  const [failure, setFailure] = useState<string | null>(null)
  const report = { view: 'report', filter: useStore(route).filter } as const
  return (
    <div class="take-away">
      <div class="buttons">
        <a class="button" href={addressOf(report)} onClick={followLink(report)}>
          {words.report.open}
        </a>
        <ExportButton failed={setFailure} />
        <PrintButton />
      </div>
      <RefusalText text={failure} />
    </div>
  )
}

/** Downloads the sessions that the address selects. Sessions without an organisation can't be exported on their own. */
export function ExportButton({ failed }: { failed(message: string | null): void }) {
  const { filter } = useStore(route)
  const [isBusy, setBusy] = useState(false)
  const save = async (): Promise<void> => {
    if (isBusy) return
    setBusy(true)
    failed(null)
    await download(csvOf(filter)).catch((error: Error) => failed(error.message))
    setBusy(false)
  }
  if (filter.withoutOrganisation) return null
  return (
    <button type="button" aria-disabled={isBusy} onClick={save}>
      {words.list.exportCsv}
    </button>
  )
}

/** Prints the list once all rows are read. */
function PrintButton() {
  const [isWaiting, wait] = useState(false)
  const { rows, complete, full, stale, refusal } = useStore(sessions)
  const isThere = !stale && (complete || full)
  // Runs after every render: scrolling meanwhile requests fewer rows.
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
