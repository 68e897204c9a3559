import { useRef } from 'preact/hooks'
import { connection } from '../../../live/feed'
import { clock, useStore } from '../../../store'

/** Returns the time up to which the report is current, in ms. While the connection is live, this is now. */
export function useCurrentAt(): number {
  const now = useStore(clock)
  const { state } = useStore(connection)
  const known = useRef(now)
  if (state === 'live') known.current = now
  return known.current
}
