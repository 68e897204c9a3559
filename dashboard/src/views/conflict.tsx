import type { Ref } from 'preact'
import { useEffect } from 'preact/hooks'
import { dateTimeOf } from '../format'
import { type Name, numberNames, same, statedNames, type Values } from '../inputs'
import { caller } from '../sign-in/caller'
import { announce } from '../store'
import { words } from '../words'
import type { Conflict } from './form'
import './conflict.css'

interface ConflictBarProps {
  conflict: Conflict
  mine: Values
  bar: Ref<HTMLElement>
  /** Puts these values into the form and bases it on the newest version. */
  decide(kept: Values): void
}

const names: Name[] = [...numberNames, ...statedNames]
const said = words.conflict

/**
 * Shown when somebody else changed the values that the user is editing. Names the other user, the time and the
 * differences, and offers the choice between both.
 */
export function ConflictBar({ conflict: { theirs, made }, mine, bar, decide }: ConflictBarProps) {
  const differing = names.filter(name => !same({ ...mine, [name]: theirs[name] }, mine))
  const wasReset = made?.event === 'RESET_REQUESTED'
  const at = made ? dateTimeOf(made.at) : null
  const by = made?.by ?? null
  const who = by === null ? null : by === caller.value.by ? said.you : by
  useEffect(() => announce(said.announced), [JSON.stringify(theirs)])
  return (
    <section class="conflict" aria-labelledby="conflict" ref={bar} tabIndex={-1}>
      <h3 id="conflict">{said.heading}</h3>
      <p>{(wasReset ? said.reset : said.saved)(who === null ? null : <bdi>{who}</bdi>, at)}</p>
      {wasReset ? null : (
        <table>
          <thead>
            <tr>
              <th scope="col">{said.field}</th>
              <th scope="col">{said.theirs}</th>
              <th scope="col">{said.mine}</th>
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
        <button type="button" onClick={() => decide(mine)}>
          {said.keepMine}
        </button>
        <button type="button" onClick={() => decide(theirs)}>
          {wasReset ? said.clear : said.useTheirs}
        </button>
      </div>
    </section>
  )
}
