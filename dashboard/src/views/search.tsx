import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { type Found, find, sessionIn } from '../live/found'
import { go, route } from '../route'
import { caller } from '../sign-in/caller'
import { announce } from '../store'
import { words } from '../words'
import './search.css'

/** Pause in typing after which the server is asked, in ms. */
const restMs = 150

function choose(found: Found): void {
  if (found.is === 'session') go({ session: found.id })
  else {
    const { withoutOrganisation, ...filter } = route.value.filter
    const kept = found.is === 'mentorId' && withoutOrganisation ? { ...filter, withoutOrganisation } : filter
    go({ filter: { ...kept, [found.is]: found.id } })
  }
}

/**
 * Finds mentors and organisations to filter by, and a session by its id
 * (https://www.w3.org/WAI/ARIA/apg/patterns/combobox/).
 */
export function Search() {
  const [text, setText] = useState('')
  const [isOpen, setOpen] = useState(false)
  const [found, setFound] = useState<Found[] | null>(null)
  const [active, setActive] = useState<number | null>(null)
  const asked = useRef(0)
  const input = useRef<HTMLInputElement>(null)
  const id = useId()
  const said = words.list.search

  useEffect(() => {
    if (!isOpen) return
    const asking = ++asked.current
    const look = async (): Promise<void> => {
      const answer = await find(text, route.value.filter, caller.value).catch(() => [])
      if (asking !== asked.current) return
      setFound(answer)
      setActive(null)
      announce(said.found(answer.length))
    }
    const timer = setTimeout(look, text === '' ? 0 : restMs)
    return () => clearTimeout(timer)
  }, [text, isOpen])

  const close = (): void => {
    asked.current++
    setOpen(false)
    setFound(null)
    setActive(null)
  }
  const take = (chosen: Found): void => {
    setText('')
    close()
    choose(chosen)
  }
  const step = (by: 1 | -1): void => {
    setOpen(true)
    const count = found?.length ?? 0
    if (count > 0) setActive(active === null ? (by === 1 ? 0 : count - 1) : (active + by + count) % count)
  }
  const enter = (): void => {
    const session = sessionIn(text)
    const chosen = active === null ? (found?.length === 1 && text ? found[0] : undefined) : found?.[active]
    if (session) take({ is: 'session', id: session })
    else if (chosen) take(chosen)
    else setOpen(true)
  }
  const giveUp = (): void => {
    if (isOpen) close()
    else setText('')
  }
  const keys: Record<string, () => void> = {
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    Enter: enter,
    Escape: giveUp,
  }

  return (
    <div class="search">
      <label for={id}>{said.label}</label>
      <input
        id={id}
        ref={input}
        role="combobox"
        aria-expanded={isOpen && found !== null}
        aria-controls={`${id}-found`}
        aria-autocomplete="list"
        aria-activedescendant={active === null ? undefined : `${id}-${active}`}
        placeholder={said.hint}
        autocomplete="off"
        spellcheck={false}
        value={text}
        onInput={({ currentTarget }) => {
          setText(currentTarget.value)
          setOpen(true)
        }}
        onPaste={({ clipboardData }) => {
          const session = sessionIn(clipboardData?.getData('text/plain') ?? '')
          if (session) take({ is: 'session', id: session })
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
      <div class="found" hidden={!isOpen || found === null} onPointerDown={event => event.preventDefault()}>
        <div role="listbox" id={`${id}-found`} aria-label={said.label}>
          {found?.map((one, i) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the input handles the keys.
            <div
              key={`${one.is} ${one.id}`}
              id={`${id}-${i}`}
              role="option"
              tabIndex={-1}
              aria-selected={i === active}
              onClick={() => take(one)}
            >
              <Option of={one} />
            </div>
          ))}
        </div>
        {found?.length === 0 && <p class="soft">{said.nothing(text.trim())}</p>}
      </div>
    </div>
  )
}

function Option({ of }: { of: Found }) {
  const said = words.list.search
  if (of.is === 'session') return <span>{said.open(<bdi>{of.id}</bdi>)}</span>
  return (
    <>
      <span class="soft">{of.is === 'mentorId' ? words.mentor : words.organisation}</span>
      <bdi class="clipped">{of.id}</bdi>
      <span class="soft count">{words.list.count(of.sessions)}</span>
    </>
  )
}
