import { formatDateTime } from '../format'
import { isPrinting, useStore } from '../store'
import { words } from '../words'

/** First line of a printed page, with the dashboard's name, the print time, and the given facts. */
export function PrintLine({ facts = [] }: { facts?: string[] }) {
  if (!useStore(isPrinting)) return null
  const printed = words.page.asOf(formatDateTime(new Date().toISOString()))
  return <p class="on-paper soft">{[words.page.name, printed, ...facts].join(' · ')}</p>
}
