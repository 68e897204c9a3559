import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks'
import { doubledIn, imported, isAmbiguous, isDone, isReady, needed } from '../../import/imported'
import { addressOf, followLink, route } from '../../route'
import { announce, unsaved, useStore } from '../../store'
import { words } from '../../words'
import { RefusalText } from '../refusal'
import { Grid } from './grid'
import { Paste } from './paste'
import { Reading } from './reading'
import { Run } from './run'
import './view.css'

/** The import: rows of a spreadsheet, from the paste to their calculations. */
export function ImportView() {
  const { rows, failure } = useStore(imported)
  const heading = useRef<HTMLHeadingElement>(null)
  useLayoutEffect(() => {
    scrollTo({ top: 0, behavior: 'instant' })
    heading.current?.focus({ preventScroll: true })
  }, [rows.length === 0])
  return (
    <div class="import">
      <p class="back">
        <a href={addressOf({ session: null, filter: route.value.filter })} onClick={followLink({ session: null })}>
          <span aria-hidden="true">← </span>
          {words.session.back}
        </a>
      </p>
      <h1 ref={heading} tabIndex={-1}>
        {words.import.heading}
      </h1>
      <p class="soft">{words.import.lead}</p>
      <RefusalText text={failure} />
      {rows.length === 0 ? <Paste /> : <Rows />}
    </div>
  )
}

function Rows() {
  const at = useStore(imported)
  const { source, writing, rows, revision, run } = at
  const doubled = useMemo(() => doubledIn(rows), [revision])
  const left = rows.some(row => !isDone(row))

  // While rows are pending, the page must not redirect to the issuer.
  useEffect(() => {
    unsaved.set(left)
    return () => unsaved.set(false)
  }, [left])
  useEffect(() => {
    const ready = rows.filter(isReady).length
    announce(words.import.saidRead(ready, rows.length - ready))
  }, [source])

  const isUnread = source !== null && needed().some(column => source.mapping[column] === null)
  const isUndecided = rows.some(isAmbiguous)
  return (
    <>
      {source && !run && rows.every(({ keys }) => keys === null) && (
        <Reading source={source} writing={writing} unsure={isUnread || isUndecided} />
      )}
      <Grid rows={rows} doubled={doubled} running={run !== null} />
      <Run {...at} />
    </>
  )
}
