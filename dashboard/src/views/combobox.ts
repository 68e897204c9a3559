import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { announce } from '../store'
import { words } from '../words'

/** How long, in ms, the user must pause typing before the combobox requests options. */
export const typingPauseMs = 150

/**
 * State of a combobox (https://www.w3.org/WAI/ARIA/apg/patterns/combobox/). While the combobox is open, `read` requests
 * the options for the entered text. `count` returns the number of options that `read` has found. `found` is null until
 * the options arrive, and after an error.
 */
export function useCombobox<Found>(
  text: string,
  read: (text: string) => Promise<Found>,
  count: (found: Found) => number,
) {
  const [isOpen, setOpen] = useState(false)
  const [found, setFound] = useState<Found | null>(null)
  const [active, setActive] = useState<number | null>(null)
  const lastRead = useRef(0)
  const id = useId()

  useEffect(() => {
    // Deactivate the displayed options, because they belong to the previous text.
    setActive(null)
    if (!isOpen) return
    const current = ++lastRead.current
    const readOptions = async (): Promise<void> => {
      const found = await read(text).catch(() => null)
      if (current !== lastRead.current) return
      setFound(found)
      setActive(null)
      if (found !== null) announce(words.list.suggestions(count(found)))
    }
    const timer = setTimeout(readOptions, text === '' ? 0 : typingPauseMs)
    return () => clearTimeout(timer)
  }, [text, isOpen])

  useEffect(() => {
    if (active !== null) document.getElementById(`${id}-${active}`)?.scrollIntoView({ block: 'nearest' })
  }, [active])

  const close = (): void => {
    lastRead.current++
    setOpen(false)
    setFound(null)
    setActive(null)
  }
  const moveActive = (by: 1 | -1): void => {
    setOpen(true)
    const options = found === null ? 0 : count(found)
    if (options > 0) setActive(active === null ? (by === 1 ? 0 : options - 1) : (active + by + options) % options)
  }
  const isShown = isOpen && found !== null
  return {
    isOpen,
    open: () => setOpen(true),
    close,
    /** The displayed options, and the index of the active option. */
    found: isShown ? found : null,
    active,
    moveActive,
    listId: `${id}-found`,
    optionId: (index: number) => `${id}-${index}`,
    inputAttributes: {
      role: 'combobox' as const,
      'aria-expanded': isShown,
      'aria-controls': `${id}-found`,
      'aria-autocomplete': 'list' as const,
      'aria-activedescendant': active === null ? undefined : `${id}-${active}`,
      autocomplete: 'off',
      spellcheck: false,
    },
  }
}

/**
 * Returns a keyboard event handler that calls the function for the pressed key. Ignores keyboard shortcuts and input
 * method composition.
 */
export const onKeys =
  (keys: Record<string, (() => void) | undefined>) =>
  (event: KeyboardEvent): void => {
    const act = event.isComposing || event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key]
    if (!act) return
    event.preventDefault()
    act()
  }
