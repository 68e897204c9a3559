import { ReplicaSet } from './mongod'

let set: ReplicaSet | undefined

/** One replica set for the whole run; the suites over MongoDB are skipped where none can be had, but never in CI. */
export default async function setup(): Promise<void> {
  try {
    set = await ReplicaSet.start(1)
    process.env.TEST_MONGODB_URI = set.uri
  } catch (error) {
    const reason = (error as Error).message.replace(/\s+/g, ' ')
    if (process.env.CI) throw new Error(`The suites over MongoDB must run in CI: ${reason}`)
    process.stderr.write(`The suites over MongoDB are skipped: ${reason}\n`)
  }
}

export async function stop(): Promise<void> {
  await set?.stop()
}
