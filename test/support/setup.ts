import { existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import type { BrowserServer } from 'playwright-core'
import { findChromium, launchServer } from './chromium'
import { ReplicaSet } from './mongod'

/** File system in memory. */
const memory = '/dev/shm'
/** Free space in bytes that a run may need there. */
const memoryBytes = 4 * 1_024 ** 3

let set: ReplicaSet | undefined
let browser: BrowserServer | undefined

/** Prepares a run of Jest. */
export default function setup(): Promise<void> {
  keepDataInMemory()
  return start()
}

/** Puts the test databases into memory, if there is enough. On a disk, opening and writing take several times as long. */
function keepDataInMemory(): void {
  if (!existsSync(memory)) return
  const { bavail, bsize } = statfsSync(memory)
  if (bavail * bsize < memoryBytes) return
  const folder = mkdtempSync(join(memory, 'sessions-test-'))
  process.env.TEST_DATA = folder
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
}

/**
 * Starts one replica set and one browser for the whole run. Suites that need a missing one are skipped, but never in
 * CI.
 */
export async function start(): Promise<void> {
  await Promise.all([
    provide('over MongoDB', async () => {
      set = await ReplicaSet.start(1)
      process.env.TEST_MONGODB_URI = set.uri
    }),
    provide('in a browser', async () => {
      const chromium = findChromium()
      if (!chromium) throw new Error('set CHROMIUM to the path of a Chromium')
      browser = await launchServer(chromium)
      process.env.TEST_BROWSER = browser.wsEndpoint()
    }),
  ])
}

async function provide(suites: string, begin: () => Promise<void>): Promise<void> {
  try {
    await begin()
  } catch (error) {
    const reason = (error as Error).message.replace(/\s+/g, ' ')
    if (process.env.CI) throw new Error(`The suites ${suites} must run in CI: ${reason}`)
    process.stderr.write(`The suites ${suites} are skipped: ${reason}\n`)
  }
}

export async function stop(): Promise<void> {
  await Promise.all([set?.stop(), browser?.close()])
}
