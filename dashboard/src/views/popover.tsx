import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import './popover.css'

interface PopoverProps {
  class: string
  button: ComponentChildren
  children: ComponentChildren
}

/** A button and a popover, which Esc or a click anywhere else closes. */
export function Popover({ class: name, button, children }: PopoverProps) {
  const id = useId()
  const opener = useRef<HTMLButtonElement>(null)
  const box = useRef<HTMLDivElement>(null)
  const place = (): void => {
    if (!opener.current || !box.current) return
    const { top, bottom, left, right } = opener.current.getBoundingClientRect()
    const { clientWidth, clientHeight } = document.documentElement
    // The popover opens towards the middle of the window.
    const isLow = bottom > clientHeight * 0.6
    const isLeft = left + right < clientWidth
    Object.assign(box.current.style, {
      // Both distances are from the top of the page, so that they stay right when the window gets higher.
      top: `${(isLow ? top - 6 : bottom + 6) + scrollY}px`,
      translate: isLow ? '0 -100%' : 'none',
      // On a narrow window, the widest popover still fits beside the margins.
      [isLeft ? 'left' : 'right']: `max(1rem, min(${isLeft ? left : clientWidth - right}px, 100vw - 25rem))`,
      [isLeft ? 'right' : 'left']: 'auto',
    })
  }
  const growth = useRef<ResizeObserver | null>(null)
  const stopFollowing = (): void => growth.current?.disconnect()
  useEffect(() => stopFollowing, [])
  /** Keeps an open popover at its button while content above arrives. */
  function followButton(isOpen: boolean): void {
    stopFollowing()
    if (!isOpen) return
    growth.current = new ResizeObserver(place)
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
        onBeforeToggle={place}
        onToggle={({ newState }) => followButton(newState === 'open')}
        onClick={({ target }) => (target as Element).closest('a') && box.current?.hidePopover()}
      >
        {children}
      </div>
    </>
  )
}
