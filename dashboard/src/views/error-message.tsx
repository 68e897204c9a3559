import { useEffect, useState } from 'preact/hooks'
import { ConnectionError } from '../../../packages/client/src/index.js'
import { connection } from '../live/feed'
import { useStore } from '../store'
import './error-message.css'

export const ErrorMessage = ({ text }: { text: string | null }) =>
  text !== null && (
    <p role="alert" class="error-message">
      {text}
    </p>
  )

/**
 * State that contains the error message of a failed action. The message of a ConnectionError is cleared once the
 * connection is live again.
 */
export function useError(): [string | null, (failure: Error | null) => void] {
  const [failure, fail] = useState<Error | null>(null)
  const { state } = useStore(connection)
  useEffect(() => {
    if (state === 'live') fail(failure => (failure instanceof ConnectionError ? null : failure))
  }, [state])
  return [failure?.message ?? null, fail]
}
