import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks'
import { announce, hasUnsavedInput, useStore } from '../../../store'
import { ErrorMessage } from '../../../views/error-message'
import { BackLink } from '../../../views/heading'
import { compareRows, setIncludesExisting } from '../compare'
import { findReadings, findSigns, type Reading, setIncludesDuplicates } from '../import'
import { menuWords } from '../menu'
import {
  duplicates,
  type ImportState,
  importState,
  isDuplicate,
  isFaulty,
  isPending,
  isReady,
  isUncompared,
  matchOf,
  requiredColumns,
} from '../state'
import { resumeUndo } from '../undo'
import { importWords } from '../words'
import { Grid } from './grid'
import { NotationForm, ReadingQuestion, SignQuestion } from './notation-form'
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
  const isUnsent = !run && rows.every(({ state }) => state === 'unsent')
  // Once rows are sent, ask only about signs of rows that could not be sent.
  const signs = useMemo(() => findSigns(rows, notation), [revision]).filter(
    sign => isUnsent || (!run && !notation.signs[sign]),
  )
  return (
    <>
      {isUnsent && asked.map(reading => <ReadingQuestion key={reading.column} reading={reading} />)}
      {signs.map(sign => (
        <SignQuestion key={sign} sign={sign} chosen={notation.signs[sign] ?? ''} />
      ))}
      {isUnsent && source && (
        <NotationForm
          source={source}
          notation={notation}
          readings={others}
          unsure={isUnread || duplicates().ofIds.size > 0}
        />
      )}
      {!run && <RowsLeftOut {...at} />}
      <Grid source={source} rows={rows} running={run !== null} />
      <ImportProgress {...at} />
    </>
  )
}

/** Reports duplicate rows and rows that match an existing calculation, and asks once whether to import them. */
function RowsLeftOut({ rows, includesDuplicates, includesExisting }: ImportState) {
  const duplicate = rows.filter(isDuplicate).length
  const existing = rows.filter(row => matchOf(row) !== null).length
  const uncompared = rows.filter(isUncompared).length
  return (
    <>
      {duplicate > 0 && (
        <LeftOut
          text={importWords.duplicateRows(duplicate)}
          include={importWords.includeDuplicates(duplicate)}
          isIncluded={includesDuplicates}
          setIncluded={setIncludesDuplicates}
        />
      )}
      {existing > 0 && (
        <LeftOut
          text={importWords.existingRows(existing)}
          include={importWords.includeExisting(existing)}
          isIncluded={includesExisting}
          setIncluded={setIncludesExisting}
        />
      )}
      {uncompared > 0 && <p>{importWords.uncomparedRows(uncompared)}</p>}
    </>
  )
}

interface LeftOutProps {
  text: string
  include: string
  isIncluded: boolean
  setIncluded(isIncluded: boolean): void
}

const LeftOut = ({ text, include, isIncluded, setIncluded }: LeftOutProps) => (
  <div class="card left-out">
    <p>{text}</p>
    <label class="check">
      <input
        type="checkbox"
        checked={isIncluded}
        onChange={({ currentTarget }) => setIncluded(currentTarget.checked)}
      />
      {include}
    </label>
  </div>
)
