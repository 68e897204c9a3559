import { setTimeout as wait } from 'node:timers/promises'
import { randomFrom } from '../../support/random'
import { openEmbedded, openMongo } from '../../support/stores'
import { changeLabelled, erase } from './checkpointed'
import { processOn } from './processes'

/** Changes sessions, erases mentors and writes checkpoints, as fast as it can, until it is killed. */
async function write(seed: number): Promise<void> {
  const { MONGODB_URI, DATA_FILE = '' } = process.env
  const store = MONGODB_URI ? await openMongo(MONGODB_URI) : openEmbedded(DATA_FILE)
  const writer = await processOn(store)
  const random = randomFrom(seed)
  const ids = (await store.lists.list({}, { limit: 100, offset: 0 })).map(({ session_id }) => session_id)
  const forever = async (work: () => Promise<unknown>): Promise<never> => {
    for (;;) await work()
  }
  const change = async (): Promise<void> => {
    await changeLabelled(writer, ids, random)
    process.stdout.write('.')
  }
  const checkpoint = async (): Promise<void> => {
    if (!(await writer.totals.checkpoint())) await wait(5)
  }
  const eraseOne = async (): Promise<void> => {
    await wait(random() * 2_000)
    await erase(writer, `m${Math.floor(random() * 3)}`).catch(() => {})
  }
  await Promise.all([forever(change), forever(change), forever(checkpoint), forever(eraseOne)])
}

write(Number(process.argv[2])).catch(error => {
  process.stderr.write(`${error.stack}\n`)
  process.exit(1)
})
