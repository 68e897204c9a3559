import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { inputsOf } from '../support/inputs'
import { Instance } from '../support/instance'
import { base } from '../support/interfaces'
import { type MadeKey, madeKey } from '../support/service-keys'
import { feedPath } from '../support/transports'
import { until } from '../support/until'
import type { Stage } from './stage'

const sides = ['org_1', 'org_2'] as const
const sessionsCount = 8
const caughtUpMs = 60_000
const retryMs = 50

interface Item {
  session_id: string
  event: string
  by: string
  organisation_id: string
}

/**
 * Sessions that an admin moves between two organisations. Meanwhile a coordinator of each organisation changes all of
 * them, through two servers that require tokens.
 */
class MovingSessions {
  readonly #stage: Stage
  readonly #servers: Instance[] = []
  readonly #folder = mkdtempSync(join(tmpdir(), 'moves-'))
  readonly #admin = madeKey({ name: 'admin', role: 'admin', organisation_id: null })
  readonly #coordinators = sides.map(organisation_id =>
    madeKey({ name: organisation_id, role: 'coordinator', organisation_id }),
  )
  readonly #ids: string[] = []
  #cursor = ''
  #stopped = false
  #running: Promise<unknown> = Promise.resolve()
  #changed = 0

  constructor(stage: Stage) {
    this.#stage = stage
  }

  async start(): Promise<void> {
    const keys = [this.#admin, ...this.#coordinators].map(({ entry }) => entry)
    const file = join(this.#folder, 'keys.json')
    writeFileSync(file, JSON.stringify(keys))
    for (let i = 0; i < 2; i++) this.#servers.push(await Instance.start({ ...this.#stage.storeEnv, AUTH_KEYS: file }))
    this.#cursor = JSON.parse(await this.#ask(this.#admin, 'GET', feedPath)).next
    for (let i = 0; i < sessionsCount; i++) {
      const body = { mentor_id: 'mentor', organisation_id: sides[0] }
      this.#ids.push(JSON.parse(await this.#ask(this.#admin, 'POST', base, body)).session_id)
    }
    this.#running = Promise.all(
      this.#ids.flatMap(id => [this.#move(id), ...this.#coordinators.map(by => this.#change(by, id))]),
    )
  }

  /** Resolves with the response body. Rejects if a server does not respond, or the store is unavailable. */
  async #ask({ bearer }: MadeKey, method: string, path: string, body?: object): Promise<string> {
    const headers = { Authorization: bearer, ...(body && { 'Content-Type': 'application/json' }) }
    const { url } = this.#stage.pick(this.#servers)
    const response = await fetch(url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) })
    const text = await response.text()
    if (response.status >= 500) throw new Error(text)
    return text
  }

  async #untilStopped(work: (turn: number) => Promise<void>): Promise<void> {
    for (let turn = 1; !this.#stopped; turn++) await work(turn).catch(() => wait(retryMs))
  }

  #move(id: string): Promise<void> {
    return this.#untilStopped(async turn => {
      await wait(this.#stage.random() * 100)
      const payload = { organisation_id: sides[turn % 2] }
      await this.#ask(this.#admin, 'PUT', `${base}/${id}`, { event: 'ReassignRequested', payload })
    })
  }

  #change(by: MadeKey, id: string): Promise<void> {
    const own = by.entry.organisation_id as string
    const foreign = sides.find(side => side !== own) as string
    return this.#untilStopped(async turn => {
      const calculation = { event: 'CalculateRequested', payload: inputsOf(turn) }
      const takingBack = { event: 'ReassignRequested', payload: { organisation_id: own } }
      const text = await this.#ask(by, 'PUT', `${base}/${id}`, turn % 4 === 0 ? takingBack : calculation)
      if (text.includes(foreign)) this.#stage.broken.push(`${own} got a wrong answer, which names ${foreign}: ${text}`)
    })
  }

  /** Ends the changes, and reports each change that its author was not allowed to make. */
  async finish(): Promise<void> {
    this.#stopped = true
    await this.#running
    const owners = new Map(this.#ids.map(id => [id, sides[0] as string]))
    for (let next = ''; next !== this.#cursor; ) {
      next = this.#cursor
      const page = JSON.parse(await this.#again('GET', `${feedPath}?after=${this.#cursor}&limit=1000`))
      for (const { session_id, event, by, organisation_id } of page.data as Item[]) {
        const owner = owners.get(session_id)
        if (owner === undefined) continue
        if (by !== 'admin' && by !== owner)
          this.#stage.broken.push(`a wrong answer: ${by} made ${event} in ${session_id}, which ${owner} owned`)
        if (by !== 'admin') this.#changed++
        owners.set(session_id, organisation_id)
      }
      this.#cursor = page.next
    }
    if (this.#changed === 0) this.#stage.broken.push('no coordinator changed anything, so the moves show nothing')
  }

  async #again(method: string, path: string): Promise<string> {
    let text: string | undefined
    const read = async (): Promise<boolean> => {
      text = await this.#ask(this.#admin, method, path).catch(() => undefined)
      return text !== undefined
    }
    await until(read, caughtUpMs, 'the feed of the moves')
    return text as string
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#servers.map(server => server.kill()))
    await this.#running
    rmSync(this.#folder, { recursive: true })
  }
}

/** Moves sessions during a fault. Nobody may change a session that belongs to another organisation. */
export const duringMoves = (fault: (stage: Stage) => Promise<unknown>) => async (stage: Stage) => {
  const moving = new MovingSessions(stage)
  try {
    await moving.start()
    await fault(stage)
    await moving.finish()
  } finally {
    await moving.stop()
  }
  return 1
}
