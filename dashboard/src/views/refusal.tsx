import { useEffect, useState } from 'preact/hooks'
import { Unreachable } from '../../../packages/client/src/index.js'
import { connection } from '../live/connection'
import { useStore } from '../store'
import './refusal.css'

/** Shows why something was not done. */
export const RefusalText = ({ text }: { text: string | null }) =>
  text !== null && (
    <p role="alert" class="refusal">
      {text}
    </p>
  )

/** Holds why something was not done. Clears an Unreachable when the connection is live again. */
export function useFailure(): [string | null, (failure: Error | null) => void] {
  const [failure, fail] = useState<Error | null>(null)
  const { state } = useStore(connection)
  useEffect(() => {
    if (state === 'live') fail(failure => (failure instanceof Unreachable ? null : failure))
  }, [state])
  return [failure?.message ?? null, fail]
}
