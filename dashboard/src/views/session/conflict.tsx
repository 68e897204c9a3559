import type { Ref } from 'preact'
import { useEffect } from 'preact/hooks'
import { formatDateTime } from '../../format'
import { detailNames, type FieldName, type FieldValues, numberNames, sameInputs } from '../../inputs'
import { caller } from '../../sign-in/caller'
import { announce } from '../../store'
import { words } from '../../words'
import type { Conflict } from './form'
import './conflict.css'

interface ConflictBarProps {
  conflict: Conflict
  mine: FieldValues
  bar: Ref<HTMLElement>
  /** Puts these values into the form and bases it on the newest version. */
  onDecide(chosen: FieldValues): void
}

const names: FieldName[] = [...numberNames, ...detailNames]
const texts = words.conflict

/**
 * Shown when somebody else changed the values that the user is editing. Names the other user, the time and the
 * differences, and offers the choice between both.
 */
export function ConflictBar({ conflict: { theirs, transition }, mine, bar, onDecide }: ConflictBarProps) {
  const differing = names.filter(name => !sameInputs({ ...mine, [name]: theirs[name] }, mine))
  const wasReset = transition?.event === 'RESET_REQUESTED'
  const at = transition ? formatDateTime(transition.at) : null
  const by = transition?.by ?? null
  const author = by === null ? null : by === caller.value.by ? texts.you : by
  useEffect(() => announce(texts.announced), [JSON.stringify(theirs)])
  return (
    <section class="conflict" aria-labelledby="conflict" ref={bar} tabIndex={-1}>
      <h3 id="conflict">{texts.heading}</h3>
      <p>{(wasReset ? texts.reset : texts.saved)(author === null ? null : <bdi>{author}</bdi>, at)}</p>
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
            {differing.map(name => (
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
        <button type="button" onClick={() => onDecide(mine)}>
          {texts.keepMine}
        </button>
        <button type="button" onClick={() => onDecide(theirs)}>
          {wasReset ? texts.clear : texts.useTheirs}
        </button>
      </div>
    </section>
  )
}
