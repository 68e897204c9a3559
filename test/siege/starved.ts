import { readFileSync } from 'node:fs'

/**
 * Returns the total time that the main thread of a process was ready to run and waited for a core, in ms. Returns 0 if
 * the system does not report it.
 */
export function starvedMs(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[1]) / 1e6
  } catch {
    return 0
  }
}
