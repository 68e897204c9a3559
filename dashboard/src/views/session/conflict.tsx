import type { Ref } from 'preact'
import { useEffect } from 'preact/hooks'
import { formatDateTime, formatList } from '../../format'
import type { FieldValues } from '../../inputs'
import { caller } from '../../sign-in/caller'
import { announce } from '../../store'
import type { Transition } from '../../types'
import { words } from '../../words'
import type { Conflict, Merge } from './form'
import './conflict.css'

interface ConflictBarProps {
  conflict: Conflict
  mine: FieldValues
  bar: Ref<HTMLElement>
  onDecide(side: 'theirs' | 'mine'): void
}

const texts = words.conflict

/** Returns the author and time of a change, in a form that fits into a sentence. */
function authorship(transition: Transition | undefined) {
  const by = transition?.by ?? null
  const author = by === null ? null : <bdi>{by === caller.value.by ? texts.you : by}</bdi>
  return [author, transition ? formatDateTime(transition.at) : null] as const
}

/** Tells the user which fields another user has changed while this user was editing different fields. */
export function MergeNote({ merge: { fields, transition } }: { merge: Merge }) {
  const names = formatList(fields.map(name => words.calculator[name]))
  useEffect(() => announce(texts.announcedMerge(names)), [names])
  return <p class="merge">{texts.merged(...authorship(transition), names)}</p>
}

/**
 * Shown when this user and another user have both changed the same field. Shows who made the other change and when,
 * lists the differences, and lets the user choose whose values to keep.
 */
export function ConflictBar({ conflict: { fields, theirs, transition }, mine, bar, onDecide }: ConflictBarProps) {
  const wasReset = transition?.event === 'RESET_REQUESTED'
  useEffect(() => announce(texts.announced), [fields.join(), transition?.sequence])
  return (
    <section class="conflict" aria-labelledby="conflict" ref={bar} tabIndex={-1}>
      <h3 id="conflict">{texts.heading}</h3>
      <p>{(wasReset ? texts.reset : texts.saved)(...authorship(transition))}</p>
      {wasReset ? null : (
        <table>
          <thead>
            <tr>
              <th scope="col">{texts.field}</th>
              <th scope="col">{texts.theirs}</th>
              <th scope="col">{texts.mine}</th>
            </tr>
          </thead>
          <tbody>
            {fields.map(name => (
              <tr key={name}>
                <th scope="row">{words.calculator[name]}</th>
                <td>
                  <bdi>{theirs[name] || words.none}</bdi>
                </td>
                <td>
                  <bdi>{mine[name] || words.none}</bdi>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <div class="buttons">
        <button type="button" onClick={() => onDecide('mine')}>
          {texts.keepMine}
        </button>
        <button type="button" onClick={() => onDecide('theirs')}>
          {wasReset ? texts.clear : texts.useTheirs}
        </button>
      </div>
    </section>
  )
}
