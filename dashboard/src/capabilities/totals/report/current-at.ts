import { useRef } from 'preact/hooks'
import { connection } from '../../../live/feed'
import { clock, useStore } from '../../../store'

/** Returns the time in ms at which the report was last up to date: the current time while the connection is live. */
export function useCurrentAt(): number {
  const now = useStore(clock)
  const { state } = useStore(connection)
  const known = useRef(now)
  if (state === 'live') known.current = now
  return known.current
}
