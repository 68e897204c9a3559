import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { formatPeriod, formatValue } from '../../format'
import { useSession } from '../../live/session'
import { hrefOf, navigate, navigateOnClick, route, sessionRoute } from '../../router'
import { nameOf } from '../../session-name'
import { announceDebounced, useStore } from '../../store'
import type { Result, Session } from '../../types'
import { BackLink } from '../../views/heading'
import { MentorAndOrganisation, NoValue } from '../../views/list/row'
import { PrintLine } from '../../views/print-line'
import { words } from '../../words'
import { minCompared } from './button'
import { differenceOf, linesOf, type NumberLine, type TextLine } from './lines'
import { maxCompared } from './route'
import { compareWords } from './words'
import './compare.css'

const texts = compareWords

interface Compared {
  session: Session | null
  /**
   * The reason why there is no result to compare, or null if there is a result or the session has not been read yet.
   */
  missing: string | null
}

/** Compares two to four calculations side by side, and updates the comparison when they change. */
export function CompareView() {
  const { compared: ids = [] } = useStore(route)
  const [followed, setFollowed] = useState<Record<string, Compared>>({})
  const heading = useRef<HTMLHeadingElement>(null)
  useLayoutEffect(() => {
    scrollTo({ top: 0, behavior: 'instant' })
    heading.current?.focus({ preventScroll: true })
    document.title = words.page.title(texts.heading)
    return () => {
      document.title = words.page.name
    }
  }, [])
  const computed = ids.map(id => followed[id]?.session?.result).find(result => result)
  const compare = (ids: string[]): void => {
    navigate({ path: '/compare', compared: ids })
    heading.current?.focus({ preventScroll: true })
  }
  return (
    <div class="compare">
      <BackLink />
      <div class="title">
        <h1 ref={heading} tabIndex={-1}>
          {texts.heading}
        </h1>
        {ids.length > 0 && (
          <button type="button" onClick={() => print()}>
            {words.list.print}
          </button>
        )}
      </div>
      <PrintLine />
      {ids.map(id => (
        <FollowedSession key={id} id={id} set={state => setFollowed(known => ({ ...known, [id]: state }))} />
      ))}
      {ids.length < minCompared ? (
        <p class="nothing">{texts.tooFew(minCompared, maxCompared)}</p>
      ) : (
        <p class="soft">{texts.lead}</p>
      )}
      {ids.length > 0 && (
        <Comparison
          columns={ids.map(id => ({ id, session: null, missing: null, ...followed[id] }))}
          compare={compare}
        />
      )}
      {computed && (
        <p class="soft caveat">
          {words.result.caveat(computed.caveat, computed.method)} {words.result.method(<code>{computed.method}</code>)}
        </p>
      )}
    </div>
  )
}

function FollowedSession({ id, set }: { id: string; set(state: Compared): void }) {
  const { session, isClosed, isGone, error } = useSession(id)
  const known = useRef<string | null | undefined>(undefined)
  const ended = isGone ? words.close.gone : texts.deleted
  const missing = isClosed ? ended : (error ?? (session && !session.result ? texts.noResult : null))
  useEffect(() => set({ session, missing }), [session, missing])
  useEffect(() => {
    if (!session) return
    const result = session.result?.id ?? null
    if (known.current !== undefined && result !== null && result !== known.current) {
      announceDebounced(texts.changed(nameOf(session)))
    }
    known.current = result
  }, [session])
  return null
}

type Column = Compared & { id: string }

interface ComparisonProps {
  columns: Column[]
  /** Opens a comparison of these sessions in the given order. */
  compare(ids: string[]): void
}

function Comparison({ columns, compare }: ComparisonProps) {
  const ids = columns.map(({ id }) => id)
  const without = (id: string): string[] => ids.filter(other => other !== id)
  const results = columns.map(({ session, missing }) => (missing === null ? (session?.result ?? null) : null))
  const [first] = results
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard can scroll a region only if it has the focus.
    <section class="card scrolls" aria-label={texts.heading} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <td />
            {columns.map((column, at) => (
              <th key={column.id} scope="col">
                <ColumnHeader {...column} />
                <span class="buttons">
                  {at > 0 && (
                    <button
                      type="button"
                      aria-label={texts.makeFirstOf(titleOf(column))}
                      onClick={() => compare([column.id, ...without(column.id)])}
                    >
                      {texts.makeFirst}
                    </button>
                  )}
                  <button
                    type="button"
                    aria-label={texts.remove(titleOf(column))}
                    onClick={() => compare(without(column.id))}
                  >
                    <span aria-hidden="true">×</span>
                  </button>
                </span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">{words.list.columns.period}</th>
            {results.map((result, at) => (
              <td key={ids[at]}>{result?.inputs.period ? formatPeriod(result.inputs.period) : <NoValue />}</td>
            ))}
          </tr>
        </tbody>
        {linesOf(results.filter(result => result !== null)).map(({ name, lines }) => (
          <tbody key={name}>
            <tr class="group">
              <th scope="rowgroup" colSpan={columns.length + 1}>
                <span>{name}</span>
              </th>
            </tr>
            {lines.map(line => (
              <tr key={line.name}>
                <th scope="row">{line.name}</th>
                {results.map((result, at) => (
                  <td key={ids[at]}>
                    <Value line={line} result={result ?? null} first={at > 0 ? (first ?? null) : null} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        ))}
      </table>
    </section>
  )
}

const titleOf = ({ id, session }: Column): string => (session ? nameOf(session) : id)

function ColumnHeader({ id, session, missing }: Column) {
  const to = sessionRoute(id)
  return (
    <>
      {missing !== null && missing !== texts.noResult ? (
        <bdi>{session ? nameOf(session) : id}</bdi>
      ) : (
        <a href={hrefOf(to)} onClick={navigateOnClick(to)}>
          <bdi>{session ? nameOf(session) : id}</bdi>
        </a>
      )}
      {session?.result?.inputs.label && (
        <span class="soft">
          <MentorAndOrganisation mentor={session.mentorId} organisation={session.organisationId} />
        </span>
      )}
      {missing !== null && <span class="soft">{missing}</span>}
    </>
  )
}

interface ValueProps {
  line: NumberLine | TextLine
  result: Result | null
  /**
   * The comparison's first result, from which the difference is calculated, or null in the first result's own column.
   */
  first: Result | null
}

/** A calculation's value in a line of the comparison, with its difference from the first calculation's value. */
function Value({ line, result, first }: ValueProps) {
  if (!result) return <NoValue />
  if ('text' in line) {
    const text = line.text(result)
    const note = first && line.note?.(result, first)
    return (
      <>
        {text === null ? <NoValue /> : <bdi>{text}</bdi>}
        {note && <span class="difference">{note}</span>}
      </>
    )
  }
  const value = line.read(result)
  if (value === null) return <NoValue />
  const difference = first && differenceOf(line, result, first)
  return (
    <>
      <span class={value < 0 ? 'loss' : ''}>{formatValue(value, line.unit, result.inputs.currency)}</span>
      {difference && (
        <span class="difference">
          <span aria-hidden="true">{difference.shown}</span>
          <span class="unseen">{difference.spoken}</span>
        </span>
      )}
    </>
  )
}
