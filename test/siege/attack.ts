import { setTimeout as wait } from 'node:timers/promises'
import { randomFrom } from '../support/random'
import { attackers } from './attackers'
import { Attempt, LeftOpen, type Target } from './attempt'
import { starvedMs } from './starved'

export interface Orders {
  target: Target
  seed: number
  /** Duration of each kind of attack alone, in ms, before all kinds run together. */
  aloneMs: number
  kinds: string[]
}

export type Report = { turn: string } | { attempts: Record<string, number> }

/**
 * Budget of the attackers per second in which the server has a core. It leaves something for the honest clients on a
 * machine of two cores, and asks less of a busy machine.
 */
const budgetPerSecond = 200
const mostAtOnce = 40
const tickMs = 20

const tell = (report: Report): void => void process.send?.(report)

const shuffled = <T>(list: T[], random: () => number): T[] =>
  list
    .map(one => ({ one, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ one }) => one)

async function main({ target, seed, aloneMs, kinds }: Orders): Promise<void> {
  process.once('disconnect', () => process.exit())
  const leftOpen = new LeftOpen()
  const random = randomFrom(seed)
  const attempts: Record<string, number> = {}
  let running = 0

  /** Runs attempts of one kind, or of all, within the budget, until the time is over. */
  async function attack(from: string[], ms: number): Promise<void> {
    const until = performance.now() + ms
    let budget = 0
    let had = performance.now() - starvedMs(target.pid)
    while (performance.now() < until) {
      const has = performance.now() - starvedMs(target.pid)
      budget = Math.min(budget + (budgetPerSecond * Math.max(0, has - had)) / 1_000, budgetPerSecond)
      had = Math.max(had, has)
      while (budget > 0 && running < mostAtOnce) {
        const kind = from[Math.floor(random() * from.length)] as string
        const { attack, weight = 1 } = attackers[kind] as (typeof attackers)[string]
        budget -= weight
        attempts[kind] = (attempts[kind] ?? 0) + 1
        running++
        const attempt = new Attempt(target, randomFrom(Math.floor(random() * 2 ** 32)), leftOpen)
        attack(attempt)
          .finally(() => {
            attempt.end()
            running--
          })
          .catch((error: unknown) => {
            process.stderr.write(`${kind}: ${(error as Error).stack}\n`)
            process.exit(1)
          })
      }
      await wait(tickMs)
      tell({ attempts })
    }
  }

  const order = shuffled(kinds, random)
  if (aloneMs > 0) {
    for (const kind of order) {
      tell({ turn: kind })
      await attack([kind], aloneMs)
    }
  }
  tell({ turn: 'all together' })
  await attack(order, Number.POSITIVE_INFINITY)
}

void main(JSON.parse(process.argv[2] as string))
