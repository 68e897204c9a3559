import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks'
import { announce, hasUnsavedInput, useStore } from '../../../store'
import { ErrorMessage } from '../../../views/error-message'
import { BackLink } from '../../../views/heading'
import { compareRows, setIncludesExisting } from '../compare'
import { findReadings, type Reading } from '../import'
import { menuWords } from '../menu'
import {
  asksForCurrency,
  existingOf,
  findDuplicates,
  type ImportState,
  importState,
  isFaulty,
  isPending,
  isReady,
  isUncompared,
  requiredColumns,
} from '../state'
import { resumeUndo } from '../undo'
import { importWords } from '../words'
import { Grid } from './grid'
import { NotationForm, ReadingQuestion } from './notation-form'
import { PasteForm } from './paste'
import { ImportProgress } from './progress'
import './import.css'

/** The import: rows of a spreadsheet, from the paste to their calculations. */
export function ImportView() {
  const { rows, failure } = useStore(importState)
  const heading = useRef<HTMLHeadingElement>(null)
  useLayoutEffect(() => {
    scrollTo({ top: 0, behavior: 'instant' })
    heading.current?.focus({ preventScroll: true })
  }, [rows.length === 0])
  return (
    <div class="import">
      <BackLink />
      <h1 ref={heading} tabIndex={-1}>
        {menuWords.heading}
      </h1>
      <p class="soft">{importWords.lead}</p>
      <ErrorMessage text={failure} />
      {rows.length === 0 ? <PasteForm /> : <Rows />}
    </div>
  )
}

function Rows() {
  const at = useStore(importState)
  const { source, notation, rows, revision, run } = at
  const duplicates = useMemo(() => findDuplicates(rows), [revision])
  const hasPending = run !== null || rows.some(isPending)

  // While rows are pending, the page must not redirect to the issuer.
  useEffect(() => {
    hasUnsavedInput.set(hasPending)
    return () => hasUnsavedInput.set(false)
  }, [hasPending])
  useEffect(() => {
    announce(importWords.announcedRead(rows.filter(isReady).length, rows.filter(isFaulty).length))
    void resumeUndo().then(compareRows)
  }, [source])

  const isUnread = source !== null && requiredColumns().some(column => source.mapping[column] === null)
  const readings = useMemo(() => findReadings(rows, notation), [revision])
  const [asked, others] = [true, false].map(isAsked =>
    readings.filter(({ column }) => notation.asked.includes(column) === isAsked),
  ) as [Reading[], Reading[]]
  const isUnsent = !run && rows.every(({ keys }) => keys === null)
  return (
    <>
      {isUnsent && asked.map(reading => <ReadingQuestion key={reading.column} reading={reading} />)}
      {isUnsent && source && (
        <NotationForm
          source={source}
          notation={notation}
          readings={others}
          unsure={isUnread || rows.some(asksForCurrency)}
        />
      )}
      {!run && <ExistingRows {...at} />}
      <Grid source={source} rows={rows} duplicates={duplicates} running={run !== null} />
      <ImportProgress {...at} />
    </>
  )
}

/** Reports rows that match an existing calculation, and asks once whether to import them. */
function ExistingRows({ rows, includesExisting }: ImportState) {
  const existing = rows.filter(row => existingOf(row) !== null).length
  const uncompared = rows.filter(isUncompared).length
  return (
    <>
      {existing > 0 && (
        <div class="card existing">
          <p>{importWords.existingRows(existing)}</p>
          <label class="check">
            <input
              type="checkbox"
              checked={includesExisting}
              onChange={({ currentTarget }) => setIncludesExisting(currentTarget.checked)}
            />
            {importWords.includeExisting(existing)}
          </label>
        </div>
      )}
      {uncompared > 0 && <p>{importWords.uncomparedRows(uncompared)}</p>}
    </>
  )
}
