import { Fragment } from 'preact'
import { useId, useState } from 'preact/hooks'
import { foldedMatches } from '../../../../src/domain/folding'
import { labelCharacters } from '../../../../src/domain/limits'
import { formatDate } from '../../format'
import { navigate, route, sessionRoute } from '../../router'
import { caller } from '../../sign-in/caller'
import { onKeys, useCombobox } from '../../views/combobox'
import { words } from '../../words'
import { type SearchResult, search, sessionIdIn } from './find'
import '../../views/combobox.css'
import { searchWords } from './words'
import './search.css'

function applyResult(result: SearchResult): void {
  if (result.kind === 'session' || result.kind === 'label') navigate(sessionRoute(result.id))
  else {
    const { withoutOrganisation, ...filter } = route.value.filter
    const rest = result.kind === 'mentorId' && withoutOrganisation ? { ...filter, withoutOrganisation } : filter
    navigate({ filter: { ...rest, [result.kind]: result.id } })
  }
}

/**
 * Search field for mentors and organisations to filter by, and for sessions with a name or id
 * (https://www.w3.org/WAI/ARIA/apg/patterns/combobox/).
 */
export function Search() {
  const [text, setText] = useState('')
  const { isOpen, open, close, active, moveActive, ...box } = useCombobox(
    text,
    text => search(text, route.value.filter, caller.value),
    ({ results }) => results.length,
  )
  const outcome = box.found
  const results = outcome?.results
  const id = useId()
  const texts = searchWords

  const choose = (chosen: SearchResult): void => {
    setText('')
    close()
    applyResult(chosen)
  }
  const submit = (): void => {
    const session = sessionIdIn(text)
    const isOnly = results?.length === 1 && text !== '' && outcome?.text === text.trim()
    const chosen = results?.[active ?? (isOnly ? 0 : -1)]
    if (session) choose({ kind: 'session', id: session })
    else if (chosen) choose(chosen)
    else open()
  }
  const cancel = (): void => {
    if (isOpen) close()
    else setText('')
  }
  const keys = {
    ArrowDown: () => moveActive(1),
    ArrowUp: () => moveActive(-1),
    Enter: submit,
    Escape: cancel,
  }

  return (
    <div class="search">
      <label for={id}>{texts.label}</label>
      <input
        id={id}
        {...box.inputAttributes}
        placeholder={texts.hint}
        maxLength={labelCharacters}
        value={text}
        onInput={({ currentTarget }) => {
          setText(currentTarget.value)
          open()
        }}
        onPaste={({ clipboardData }) => {
          const session = sessionIdIn(clipboardData?.getData('text/plain') ?? '')
          if (session) choose({ kind: 'session', id: session })
        }}
        onClick={open}
        onBlur={close}
        onKeyDown={onKeys(keys)}
      />
      {/* The Tab key skips the list, even if the list scrolls. */}
      <div class="found" tabIndex={-1} hidden={outcome === null} onPointerDown={event => event.preventDefault()}>
        <div role="listbox" id={box.listId} aria-label={texts.label}>
          {results?.map((result, i) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the input handles the keys.
            <div
              key={`${result.kind} ${result.id}`}
              id={box.optionId(i)}
              role="option"
              tabIndex={-1}
              aria-selected={i === active}
              onClick={() => choose(result)}
            >
              <Option result={result} text={outcome?.text ?? ''} />
            </div>
          ))}
        </div>
        {outcome?.results.length === 0 && <p class="soft">{texts.nothing(outcome.text)}</p>}
      </div>
    </div>
  )
}

function Option({ result, text }: { result: SearchResult; text: string }) {
  const texts = searchWords
  if (result.kind === 'session') return <span>{texts.open(<bdi>{result.id}</bdi>)}</span>
  if (result.kind === 'label') {
    return (
      <>
        <span class="soft">{words.list.columns.calculation}</span>
        <span>
          <Marked whole={result.label} text={text} />
          <span class="soft second">
            <bdi>{result.mentorId}</bdi>, {formatDate(result.createdAt)}
          </span>
        </span>
      </>
    )
  }
  return (
    <>
      <span class="soft">{result.kind === 'mentorId' ? words.mentor : words.organisation}</span>
      <Marked whole={result.id} text={text} />
      <span class="soft count">{words.list.count(result.sessions)}</span>
    </>
  )
}

function Marked({ whole, text }: { whole: string; text: string }) {
  const matches = foldedMatches(whole, text)
  return (
    <bdi>
      {matches.map(([start, end], i) => (
        <Fragment key={start}>
          {whole.slice(matches[i - 1]?.[1] ?? 0, start)}
          <mark>{whole.slice(start, end)}</mark>
        </Fragment>
      ))}
      {whole.slice(matches.at(-1)?.[1] ?? 0)}
    </bdi>
  )
}
