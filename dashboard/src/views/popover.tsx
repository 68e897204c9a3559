import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import './popover.css'

interface PopoverProps {
  class: string
  button: ComponentChildren
  children: ComponentChildren
}

/** A button that opens a popover. Pressing Esc or clicking elsewhere closes the popover. */
export function Popover({ class: name, button, children }: PopoverProps) {
  const id = useId()
  const opener = useRef<HTMLButtonElement>(null)
  const box = useRef<HTMLDivElement>(null)
  const position = (): void => {
    if (!opener.current || !box.current) return
    const { top, bottom, left, right } = opener.current.getBoundingClientRect()
    const { clientWidth, clientHeight } = document.documentElement
    // Open the popover towards the centre of the window.
    const isLow = bottom > clientHeight * 0.6
    const isLeft = left + right < clientWidth
    Object.assign(box.current.style, {
      // Position the popover relative to the top of the page, so that it stays in place if the window's height changes.
      top: `${(isLow ? top - 6 : bottom + 6) + scrollY}px`,
      translate: isLow ? '0 -100%' : 'none',
      // In a narrow window, move the popover so that it fits within the margins even at its maximum width.
      [isLeft ? 'left' : 'right']: `max(1rem, min(${isLeft ? left : clientWidth - right}px, 100vw - 25rem))`,
      [isLeft ? 'right' : 'left']: 'auto',
    })
  }
  const growth = useRef<ResizeObserver | null>(null)
  const stopFollowing = (): void => growth.current?.disconnect()
  useEffect(() => stopFollowing, [])
  /** Keeps an open popover next to its button while content above the button loads. */
  function followButton(isOpen: boolean): void {
    stopFollowing()
    if (!isOpen) return
    growth.current = new ResizeObserver(position)
    growth.current.observe(document.body)
  }
  return (
    <>
      <button type="button" class={`opener ${name}`} ref={opener} popovertarget={id}>
        {button}
      </button>
      {/* biome-ignore lint/a11y/noStaticElementInteractions lint/a11y/useKeyWithClickEvents: a pressed link also clicks. */}
      <div
        class="popover"
        id={id}
        ref={box}
        popover="auto"
        onBeforeToggle={position}
        onToggle={({ newState }) => followButton(newState === 'open')}
        onClick={({ target }) => (target as Element).closest('a') && box.current?.hidePopover()}
      >
        {children}
      </div>
    </>
  )
}
