import { useRef, useState } from 'preact/hooks'
import { useError } from './error-message'

interface RunningAction {
  failure: string | null
  isBusy: boolean
  run(action: () => Promise<unknown>): Promise<boolean>
}

/**
 * Runs one action at a time, and stores the error message if the latest action fails. `run` resolves to whether the
 * action succeeded.
 */
export function useAction(): RunningAction {
  const [failure, fail] = useError()
  const [isBusy, setBusy] = useState(false)
  const isRunning = useRef(false)
  const run = async (action: () => Promise<unknown>): Promise<boolean> => {
    if (isRunning.current) return false
    isRunning.current = true
    setBusy(true)
    fail(null)
    try {
      await action()
      return true
    } catch (error) {
      fail(error as Error)
      return false
    } finally {
      isRunning.current = false
      setBusy(false)
    }
  }
  return { failure, isBusy, run }
}
