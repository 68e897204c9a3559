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
    box.current.style.right = `${Math.max(16, document.documentElement.clientWidth - right)}px`
  }
  return (
    <>
      <button type="button" class={`opener ${name}`} ref={opener} popovertarget={id}>
        {button}
      </button>
      <div class="popover" id={id} ref={box} popover="auto" onBeforeToggle={place}>
        {children}
      </div>
    </>
  )
}
