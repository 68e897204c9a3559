import { useRef } from 'preact/hooks'
import { useError } from '../error-message'

/** Runs one action at a time, and holds why the latest one failed. `run` resolves to whether it succeeded. */
export function useAction(): { failure: string | null; run(action: () => Promise<unknown>): Promise<boolean> } {
  const [failure, fail] = useError()
  const isRunning = useRef(false)
  const run = async (action: () => Promise<unknown>): Promise<boolean> => {
    if (isRunning.current) return false
    isRunning.current = true
    fail(null)
    try {
      await action()
      return true
    } catch (error) {
      fail(error as Error)
      return false
    } finally {
      isRunning.current = false
    }
  }
  return { failure, run }
}
