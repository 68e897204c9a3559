import { setTimeout as wait } from 'node:timers/promises'
import { burst } from '../support/burst'
import { cuts } from '../support/cutter'
import type { Instance } from '../support/instance'
import { Sleeper, sleepers } from '../support/sleeper'
import { until } from '../support/until'
import { duringMoves } from './moves'
import type { Round, Setting, Stage } from './stage'

/** Time for which a primary is frozen, in ms. */
const frozenMs = 30_000

/** Number of clients that sleep at once, and number of sessions that start meanwhile. */
const bed = 10
const commitsAsleep = 1_500
const caughtUpMs = 60_000

export interface Kind extends Setting {
  title: string
  times: number
  /** Approximate duration of one fault, in seconds. */
  seconds: number
  /** Causes the fault up to `upTo` times, records the rounds, and returns their number. */
  fault(stage: Stage, upTo: number): Promise<number>
}

/** Causes these faults in turn. */
export const inTurn =
  (...faults: ((stage: Stage) => Promise<number>)[]) =>
  (stage: Stage): Promise<number> =>
    (faults[stage.rounds.length % faults.length] as (stage: Stage) => Promise<number>)(stage)

const now = (): number => performance.now()

/**
 * Removes the primary in some way. The other nodes must elect a new one, every session must be writable, and the node
 * must come back.
 */
async function primaryLost(
  stage: Stage,
  lose: (node: number) => Promise<unknown>,
  meanwhile: (round: Round) => Promise<void>,
  back: (node: number) => Promise<void>,
): Promise<void> {
  const { set } = stage
  await stage.moment()
  const node = await set.primary()
  const round: Round = { at: now() }
  stage.rounds.push(round)
  const lost = lose(node)
  lost.catch(() => {})
  const successor = await set.primary(node)
  round.elected = now()
  await set.commits(successor)
  round.commits = now()
  await stage.recovered(round.commits)
  await Promise.all([lost, meanwhile(round)])
  await back(node)
  await set.serves(node)
  await stage.recovered(now())
}

const nothing = async (): Promise<void> => {}

const restarted =
  ({ set }: Stage) =>
  (node: number): Promise<void> =>
    set.restart(node)

/** While the primary is frozen, an instance that is asked to stop must exit, and another must be able to start. */
async function whileFrozen(stage: Stage, { at }: Round): Promise<void> {
  await stage.drain(stage.pick(stage.instances))
  await stage.add()
  await wait(Math.max(0, frozenMs - (now() - at)))
}

async function instanceGone(stage: Stage, go: (instance: Instance) => Promise<void>): Promise<number> {
  await stage.moment()
  stage.rounds.push({ at: now() })
  await go(stage.pick(stage.instances))
  await stage.recovered(now())
  await stage.add()
  await stage.recovered(now())
  return 1
}

/**
 * Cuts one busy connection at a random byte, or all connections at once, as a restarting proxy does. Meanwhile every
 * session is written, so that many connections are busy.
 */
async function connectionsCut(stage: Stage): Promise<number> {
  await stage.moment(200)
  stage.rounds.push({ at: now() })
  const busy = stage.written()
  await stage.moment(100)
  const links = stage.proxies.flatMap(proxy => [...proxy.links].map(link => ({ proxy, link })))
  const used = links.filter(({ link }) => now() - link.passed < 300)
  const all = stage.random() < 0.5
  const chosen = all ? links : [stage.pick(used.length > 0 ? used : links)]
  const how = stage.pick(cuts)
  const towards = stage.pick(['client', 'mongod'] as const)
  const bytes = all ? 'now' : Math.floor(stage.random() ** 2 * 3_000)
  const stallMs = 300 + stage.random() * 2_200
  await Promise.all(chosen.map(({ proxy, link }) => proxy.cut(link, how, towards, bytes, stallMs)))
  await busy
  await stage.recovered(now())
  return 1
}

/** The same clients sleep again and again. */
async function asleep(stage: Stage, upTo: number): Promise<number> {
  const { checker } = stage.load
  while (stage.sleepers.length < bed) {
    const over = sleepers[stage.sleepers.length % sleepers.length] as (typeof sleepers)[number]
    stage.sleepers.push(new Sleeper(over, stage.pick(stage.instances).url, checker))
  }
  const ready = () => stage.sleepers.every(({ heard }) => heard.from !== Number.POSITIVE_INFINITY)
  await until(ready, caughtUpMs, 'sleepers that are ready')

  const chosen = stage.sleepers.slice(0, upTo)
  await stage.moment()
  stage.rounds.push({ at: now() })
  for (const sleeper of chosen) sleeper.sleep()
  await burst(stage.pick(stage.instances).url, commitsAsleep, checker)
  await stage.moment()
  for (const sleeper of chosen) sleeper.wake()
  const woken = now()
  const acknowledged = checker.acknowledgements.length
  const caughtUp = () => chosen.every(({ heard }) => heard.hasHeard(acknowledged))
  await until(caughtUp, caughtUpMs, 'sleepers to catch up')
  await stage.recovered(woken)
  return chosen.length
}

export const primaryKilled = async (stage: Stage): Promise<number> => {
  await primaryLost(stage, node => stage.set.kill(node), nothing, restarted(stage))
  return 1
}

export async function primaryFrozen(stage: Stage): Promise<number> {
  const freeze = async (node: number) => stage.set.freeze(node)
  const thaw = async (node: number) => stage.set.thaw(node)
  await primaryLost(stage, freeze, round => whileFrozen(stage, round), thaw)
  return 1
}

export const instanceKilled = (stage: Stage): Promise<number> => instanceGone(stage, instance => stage.kill(instance))
export const instanceDrained = (stage: Stage): Promise<number> => instanceGone(stage, instance => stage.drain(instance))

/** The faults of the core. */
export const kinds: Record<string, Kind> = {
  killed: {
    title: 'primary killed',
    times: 40,
    seconds: 8,
    fault: primaryKilled,
  },
  frozen: {
    title: 'primary frozen for 30 s',
    times: 5,
    seconds: 35,
    fault: primaryFrozen,
  },
  stopped: {
    title: 'primary shut down cleanly',
    times: 10,
    seconds: 13,
    async fault(stage) {
      const byHand = stage.rounds.length % 2 === 0
      const stop = (node: number) => (byHand ? stage.set.stepDown(node) : stage.set.terminate(node))
      await primaryLost(stage, stop, nothing, restarted(stage))
      return 1
    },
  },
  cut: {
    title: 'connections to MongoDB cut',
    behindProxies: true,
    times: 300,
    seconds: 2,
    fault: connectionsCut,
  },
  'instance-killed': {
    title: 'instance killed',
    times: 20,
    seconds: 4,
    fault: instanceKilled,
  },
  drained: {
    title: 'instance drained',
    times: 20,
    seconds: 7,
    fault: instanceDrained,
  },
  moved: {
    title: 'primary killed while sessions move between organisations',
    times: 10,
    seconds: 12,
    fault: duringMoves(primaryKilled),
  },
  asleep: {
    title: 'client asleep',
    times: 100,
    seconds: 1,
    fault: asleep,
  },
}
