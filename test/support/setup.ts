import type { BrowserServer } from 'playwright-core'
import { findChromium, launchServer } from './chromium'
import { ReplicaSet } from './mongod'

let set: ReplicaSet | undefined
let browser: BrowserServer | undefined

/**
 * Starts one replica set and one browser for the whole run. Suites that need a missing one are skipped, but never in
 * CI.
 */
export default async function setup(): Promise<void> {
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

async function provide(suites: string, start: () => Promise<void>): Promise<void> {
  try {
    await start()
  } catch (error) {
    const reason = (error as Error).message.replace(/\s+/g, ' ')
    if (process.env.CI) throw new Error(`The suites ${suites} must run in CI: ${reason}`)
    process.stderr.write(`The suites ${suites} are skipped: ${reason}\n`)
  }
}

export async function stop(): Promise<void> {
  await Promise.all([set?.stop(), browser?.close()])
}
