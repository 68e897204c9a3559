import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { hrefOf, navigateOnClick } from '../router'
import { words } from '../words'
import { webhooksWords } from '../capabilities/webhooks/words'

/** The heading, which gets the focus when the view opens. */
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

/** A link to the list of calculations, or to that of the endpoints. */
export function BackLink({ to }: { to: 'calculations' | 'endpoints' }) {
  const place = { session: null, ...(to === 'endpoints' && { view: 'webhooks' as const }) }
  return (
    <p class="back">
      <a href={hrefOf(place)} onClick={navigateOnClick(place)}>
        <span aria-hidden="true">← </span>
        {to === 'endpoints' ? webhooksWords.back : words.session.back}
      </a>
    </p>
  )
}
