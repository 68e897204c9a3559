import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { useCapabilities } from '../../../capability'
import { announce, hasUnsavedInput, useStore } from '../../../store'
import { ErrorMessage } from '../../../views/error-message'
import { compareRows } from '../compare'
import { findElsewhere, findQuestions, findReadings, findSigns, hasNoCurrency, setIncludes } from '../import'
import { menuWords } from '../menu'
import { findSpellings, readKnownNames } from '../names'
import {
  type ImportState,
  importState,
  isDuplicate,
  isFaulty,
  isPending,
  isReady,
  isStored,
  isUncompared,
  matchOf,
} from '../state'
import { resumeUndo } from '../undo'
import { importWords } from '../words'
import { Grid, type RowKind } from './grid'
import { NamesForm } from './names-form'
import { PasteForm } from './paste'
import { ImportProgress } from './progress'
import { ElsewhereQuestion, ReadingQuestion, SignQuestion } from './questions'
import { SheetForm } from './sheet-form'
import './import.css'

/** The import view: the user pastes rows of a spreadsheet, corrects them, and imports them as calculations. */
export function ImportView() {
  const { rows, failure } = useStore(importState)
  const heading = useRef<HTMLHeadingElement>(null)
  useLayoutEffect(() => {
    scrollTo({ top: 0, behavior: 'instant' })
    heading.current?.focus({ preventScroll: true })
  }, [rows.length === 0])
  return (
    <div class="import">
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
  const { source, notation, rows, revision, run, generation, knownNames } = at
  const suggestNames = useCapabilities().find(({ suggestNames }) => suggestNames)?.suggestNames
  const [kind, setKind] = useState<RowKind>('all')
  const hasPending = run !== null || rows.some(isPending)

  // Treat pending rows as unsaved input, so that the sign-in is not renewed by a redirect away from the page.
  useEffect(() => {
    hasUnsavedInput.set(hasPending)
    return () => hasUnsavedInput.set(false)
  }, [hasPending])
  useEffect(() => {
    announce(importWords.announcedRead(rows.filter(isReady).length, rows.filter(isFaulty).length))
    void resumeUndo().then(async () => {
      await compareRows()
      if (suggestNames) await readKnownNames(suggestNames)
    })
  }, [source])

  const readings = useMemo(() => findReadings(rows, notation), [revision])
  const questions = findQuestions(readings, notation)
  const others = readings.filter(({ columns }) => !columns.some(column => notation.asked.includes(column)))
  const isUnsent = !run && rows.every(({ state }) => state === 'unsent')
  // After the import has started, ask only about currency symbols in rows that could not be sent.
  const signs = useMemo(() => findSigns(rows, notation), [revision]).filter(
    ([sign]) => isUnsent || (!run && !notation.signs[sign]),
  )
  const elsewhere = useMemo(() => findElsewhere(rows), [revision])
  const withoutCurrency = useMemo(() => rows.filter(hasNoCurrency).length, [revision])
  const spellings = useMemo(() => findSpellings(rows, knownNames), [revision, knownNames])
  return (
    <>
      {isUnsent && source && (
        <SheetForm
          key={generation}
          source={source}
          notation={notation}
          readings={others}
          withoutCurrency={withoutCurrency}
        />
      )}
      <div class="questions">
        {isUnsent && questions.map(reading => <ReadingQuestion key={reading.kind} reading={reading} />)}
        {isUnsent && elsewhere.length > 1 && <ElsewhereQuestion texts={elsewhere} notation={notation} />}
        {signs.map(([sign, count]) => (
          <SignQuestion key={sign} sign={sign} count={count} chosen={notation.signs[sign] ?? ''} />
        ))}
      </div>
      {!run && spellings.length > 0 && <NamesForm spellings={spellings} />}
      {!run && <RowsLeftOut {...at} />}
      <Grid source={source} notation={notation} rows={rows} running={run !== null} kind={kind} setKind={setKind} />
      <ImportProgress {...at} setKind={setKind} />
    </>
  )
}

/** Says how many rows are skipped by default, and asks for each reason whether to import these rows. */
function RowsLeftOut({ rows, includesDuplicates, includesExisting, includesAsides }: ImportState) {
  const duplicate = rows.filter(isDuplicate).length
  const existing = rows.filter(row => matchOf(row) !== null).length
  const asides = rows.filter(row => row.isAside && !isStored(row))
  const uncompared = rows.filter(isUncompared).length
  return (
    <>
      {duplicate + existing + asides.length > 0 && (
        <fieldset class="card left-out">
          <legend>{importWords.leftOut}</legend>
          {duplicate > 0 && (
            <LeftOut
              text={importWords.duplicateRows(duplicate)}
              isIncluded={includesDuplicates}
              setIncluded={includesDuplicates => setIncludes({ includesDuplicates })}
            />
          )}
          {existing > 0 && (
            <LeftOut
              text={importWords.existingRows(existing)}
              isIncluded={includesExisting}
              setIncluded={includesExisting => setIncludes({ includesExisting })}
            />
          )}
          {asides.length > 0 && (
            <LeftOut
              text={importWords.asideRows(
                asides.length,
                asides.map(({ id }) => id),
              )}
              isIncluded={includesAsides}
              setIncluded={includesAsides => setIncludes({ includesAsides })}
            />
          )}
        </fieldset>
      )}
      {uncompared > 0 && <p>{importWords.uncomparedRows(uncompared)}</p>}
    </>
  )
}

interface LeftOutProps {
  text: string
  isIncluded: boolean
  setIncluded(isIncluded: boolean): void
}

const LeftOut = ({ text, isIncluded, setIncluded }: LeftOutProps) => (
  <label class="check">
    <input type="checkbox" checked={isIncluded} onChange={({ currentTarget }) => setIncluded(currentTarget.checked)} />
    {text}
  </label>
)
