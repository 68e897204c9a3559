import { setImmediate as turn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as () => void

/** Collects garbage, including objects that were released one turn of the event loop ago. */
export async function collected(): Promise<void> {
  for (let i = 0; i < 3; i++) {
    await turn()
    gc()
  }
}

/** Returns the bytes of the heap that are in use after a garbage collection. */
export async function heapBytes(): Promise<number> {
  await collected()
  return process.memoryUsage().heapUsed
}
