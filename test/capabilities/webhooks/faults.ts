import { setTimeout as wait } from 'node:timers/promises'
import { instanceDrained, instanceKilled, inTurn, type Kind, primaryFrozen, primaryKilled } from '../../faults/kinds'
import type { Recipient, Stage } from '../../faults/stage'
import { randomFrom } from '../../support/random'
import { until } from '../../support/until'
import { WebhookChecker } from './checker'
import { endpointsOf } from './delivering'
import { authorityFile, type Received, Receiver, status } from './receiver'

/** Share of the messages whose first attempt fails, and the longest response, in ms. */
const failedShare = 0.02
const receivingMs = 40
/** In this time, in ms, all messages must arrive after the last write. */
const deliveredMs = 120_000
/** Longer than a lease of an endpoint lasts. */
const instanceFrozenMs = 18_000

/** An endpoint that receives all messages, of which some fail at first. */
const recipient: Recipient = {
  env: { WEBHOOKS: 'on', WEBHOOKS_ALLOW_PRIVATE: 'on', NODE_EXTRA_CA_CERTS: authorityFile },
  // Fewer, because each message needs a connection.
  writers: 4,
  async start(url, seed) {
    const checker = new WebhookChecker()
    const receiver = await Receiver.start()
    const random = randomFrom(seed)
    const failed = new Set<string>()
    receiver.answer = async (message: Received, ...rest) => {
      const id = message.headers['webhook-id'] ?? ''
      const fails = !failed.has(id) && random() < failedShare
      if (fails) failed.add(id)
      else checker.take(message)
      await wait(random() * receivingMs)
      await status(fails ? 500 : 204)(message, ...rest)
    }
    await endpointsOf({ url }).created(receiver.urlAt())
    return {
      async breaches(acknowledged) {
        const isComplete = (): boolean => checker.missing(acknowledged).length === 0
        await until(isComplete, deliveredMs, 'the messages of webhooks').catch(() => {})
        return checker.faults(acknowledged)
      },
      stop: () => receiver.stop(),
    }
  },
}

async function instanceFrozen(stage: Stage): Promise<number> {
  await stage.moment()
  stage.rounds.push({ at: performance.now() })
  await stage.freeze(stage.pick(stage.instances), instanceFrozenMs)
  await stage.recovered(performance.now())
  return 1
}

export const faults: Record<string, Kind> = {
  webhooks: {
    title: 'webhooks, through kills, freezes and drains',
    recipient,
    times: 15,
    seconds: 20,
    fault: inTurn(instanceKilled, primaryKilled, instanceFrozen, instanceDrained, primaryFrozen),
  },
  'webhooks-embedded': {
    title: 'the same on an embedded file',
    recipient,
    isEmbedded: true,
    times: 15,
    seconds: 10,
    fault: inTurn(instanceKilled, instanceFrozen, instanceDrained),
  },
}
