import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import type { Route } from '../route'
import { hrefOf, navigateOnClick } from '../router'
import { words } from '../words'

/** The heading of a view, which receives the focus when the view opens. */
export function Heading({ children }: { children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null)
  useLayoutEffect(() => {
    scrollTo({ top: 0, behavior: 'instant' })
    heading.current?.focus({ preventScroll: true })
  }, [])
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children}
    </h1>
  )
}

/** A link to another view. If `to` is absent, the link leads to the list. */
export const BackLink = ({ to = {}, text = words.session.back }: { to?: Partial<Route>; text?: string }) => (
  <p class="back">
    <a href={hrefOf(to)} onClick={navigateOnClick(to)}>
      <span aria-hidden="true">← </span>
      {text}
    </a>
  </p>
)
