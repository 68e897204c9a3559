import type { ComponentChildren } from 'preact'
import { useId, useRef } from 'preact/hooks'
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
    const { bottom, right } = opener.current.getBoundingClientRect()
    box.current.style.top = `${bottom + 6}px`
    const gap = document.documentElement.clientWidth - right
    box.current.style.right = `max(1rem, min(${gap}px, 100vw - 25rem))`
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
        onClick={({ target }) => (target as Element).closest('a') && box.current?.hidePopover()}
      >
        {children}
      </div>
    </>
  )
}
