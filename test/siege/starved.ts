import { readFileSync } from 'node:fs'

/**
 * How long the main thread of a process was ready to run and had to wait for a core, in milliseconds since its start; 0
 * where the system doesn't tell.
 */
export function starvedMs(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[1]) / 1e6
  } catch {
    return 0
  }
}
