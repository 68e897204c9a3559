import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { foldedMatch } from '../../../../src/domain/folding'
import { labelCharacters } from '../../../../src/domain/limits'
import { formatDate } from '../../format'
import { type SearchOutcome, type SearchResult, search, sessionIdIn } from '../../live/search'
import { navigate, route } from '../../router'
import { caller } from '../../sign-in/caller'
import { announce } from '../../store'
import { words } from '../../words'
import './search.css'

/** Pause in typing after which the search runs, in ms. */
const typingPauseMs = 150

function applyResult(result: SearchResult): void {
  if (result.kind === 'session' || result.kind === 'label') navigate({ session: result.id })
  else {
    const { withoutOrganisation, ...filter } = route.value.filter
    const rest = result.kind === 'mentorId' && withoutOrganisation ? { ...filter, withoutOrganisation } : filter
    navigate({ filter: { ...rest, [result.kind]: result.id } })
  }
}

/**
 * Finds mentors and organisations to filter by, and sessions by their name or id
 * (https://www.w3.org/WAI/ARIA/apg/patterns/combobox/).
 */
export function Search() {
  const [text, setText] = useState('')
  const [isOpen, setOpen] = useState(false)
  const [outcome, setOutcome] = useState<SearchOutcome | null>(null)
  const [active, setActive] = useState<number | null>(null)
  const lastSearch = useRef(0)
  const input = useRef<HTMLInputElement>(null)
  const id = useId()
  const texts = words.list.search
  const results = outcome?.results

  useEffect(() => {
    if (!isOpen) return
    const current = ++lastSearch.current
    const runSearch = async (): Promise<void> => {
      const found = await search(text, route.value.filter, caller.value).catch(() => null)
      if (current !== lastSearch.current) return
      setOutcome(found)
      setActive(null)
      if (found) announce(texts.found(found.results.length))
    }
    const timer = setTimeout(runSearch, text === '' ? 0 : typingPauseMs)
    return () => clearTimeout(timer)
  }, [text, isOpen])

  useEffect(() => {
    if (active !== null) document.getElementById(`${id}-${active}`)?.scrollIntoView({ block: 'nearest' })
  }, [active])

  const close = (): void => {
    lastSearch.current++
    setOpen(false)
    setOutcome(null)
    setActive(null)
  }
  const choose = (chosen: SearchResult): void => {
    setText('')
    close()
    applyResult(chosen)
  }
  const moveActive = (by: 1 | -1): void => {
    setOpen(true)
    const count = results?.length ?? 0
    if (count > 0) setActive(active === null ? (by === 1 ? 0 : count - 1) : (active + by + count) % count)
  }
  const submit = (): void => {
    const session = sessionIdIn(text)
    const chosen = active === null ? (results?.length === 1 && text ? results[0] : undefined) : results?.[active]
    if (session) choose({ kind: 'session', id: session })
    else if (chosen) choose(chosen)
    else setOpen(true)
  }
  const cancel = (): void => {
    if (isOpen) close()
    else setText('')
  }
  const keys: Record<string, () => void> = {
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
        ref={input}
        role="combobox"
        aria-expanded={isOpen && outcome !== null}
        aria-controls={`${id}-found`}
        aria-autocomplete="list"
        aria-activedescendant={active === null ? undefined : `${id}-${active}`}
        placeholder={texts.hint}
        autocomplete="off"
        spellcheck={false}
        maxLength={labelCharacters}
        value={text}
        onInput={({ currentTarget }) => {
          setText(currentTarget.value)
          setOpen(true)
        }}
        onPaste={({ clipboardData }) => {
          const session = sessionIdIn(clipboardData?.getData('text/plain') ?? '')
          if (session) choose({ kind: 'session', id: session })
        }}
        onClick={() => setOpen(true)}
        onBlur={close}
        onKeyDown={event => {
          const act = event.isComposing || event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key]
          if (!act) return
          event.preventDefault()
          act()
        }}
      />
      <div class="found" hidden={!isOpen || outcome === null} onPointerDown={event => event.preventDefault()}>
        <div role="listbox" id={`${id}-found`} aria-label={texts.label}>
          {results?.map((result, i) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the input handles the keys.
            <div
              key={`${result.kind} ${result.id}`}
              id={`${id}-${i}`}
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
        {outcome?.complete === false && <p class="soft">{texts.newest}</p>}
      </div>
    </div>
  )
}

function Option({ result, text }: { result: SearchResult; text: string }) {
  const texts = words.list.search
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

/** Marks the part that matches. */
function Marked({ whole, text }: { whole: string; text: string }) {
  const [start, end] = foldedMatch(whole, text) ?? [0, 0]
  return (
    <bdi>
      {whole.slice(0, start)}
      {end > start && <mark>{whole.slice(start, end)}</mark>}
      {whole.slice(end)}
    </bdi>
  )
}
