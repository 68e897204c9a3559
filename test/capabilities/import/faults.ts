import { instanceKilled, inTurn, type Kind, primaryKilled } from '../../faults/kinds'
import type { Stage } from '../../faults/stage'
import { recordsOf } from '../../support/csv'
import { inputs } from '../../support/inputs'
import { base } from '../../support/interfaces'
import { within } from '../../support/until'
import { bodyOf, ndjson, path } from './importing'

const count = 4_000
/** In this time, in ms, a file must be stored that is sent again and again. */
const storedMs = 120_000
const pauseMs = 500

interface Line {
  external_id: string
  session_id?: string
}

/** A file that is sent until it is stored. Each line has an external id. */
class SentFile {
  readonly #stage: Stage
  readonly #mentor: string
  readonly lines: Line[]
  /** Tells the checker that a session with a calculation is stored. */
  readonly #acknowledged: (session_id: string) => void

  constructor(stage: Stage) {
    this.#stage = stage
    this.#mentor = `import_${stage.rounds.length}`
    this.lines = Array.from({ length: count }, (_, n) => ({ external_id: `${this.#mentor}_${n}` }))
    const acknowledged = stage.load.checker.asks()
    this.#acknowledged = session_id =>
      acknowledged(
        { session_id, sequence: 1, event: 'SessionStarted' },
        { session_id, sequence: 2, event: 'CalculateRequested' },
        { session_id, sequence: 3, event: 'CalculateRequested' },
      )
  }

  /** Sends the file, and calls `stored` for each outcome. Returns whether the response was complete. */
  async send(url: string, signal?: AbortSignal, stored = (_: number): void => {}): Promise<boolean> {
    const rows = this.lines.map(({ external_id }) => ({ mentor_id: this.#mentor, external_id, inputs }))
    const options = { method: 'POST', headers: ndjson, body: bodyOf(rows), signal: signal ?? null }
    const response = await fetch(url + path, options)
    if (response.status !== 200) return false
    const decoder = new TextDecoder()
    let rest = ''
    for await (const chunk of response.body ?? []) {
      const texts = `${rest}${decoder.decode(chunk, { stream: true })}`.split('\n')
      rest = texts.pop() ?? ''
      for (const outcome of texts.map(text => JSON.parse(text))) {
        if ('done' in outcome) return outcome.done
        this.#take(outcome)
        stored(outcome.line)
      }
    }
    return false
  }

  #take({ line, status, session_id, code }: { line: number; status: string; session_id: string; code?: string }): void {
    const sent = this.lines[line - 1] as Line
    if (status === 'refused') this.#stage.broken.push(`line ${line} was refused as ${code}: a wrong answer`)
    else if (sent.session_id === undefined) this.#acknowledged(session_id)
    else if (sent.session_id !== session_id || status === 'created')
      this.#stage.broken.push(`${sent.external_id} was duplicated: ${sent.session_id} and ${session_id}`)
    sent.session_id = session_id
  }

  /** Sends the file until it is stored, then compares all sessions with the outcomes. */
  async finish(): Promise<void> {
    const again = async (): Promise<void> => {
      while (!(await this.send(this.#stage.pick(this.#stage.instances).url).catch(() => false)))
        await new Promise(resolve => setTimeout(resolve, pauseMs))
    }
    await within(storedMs, 'a file that is stored', again())
    const { url } = this.#stage.pick(this.#stage.instances)
    const response = await fetch(`${url}${base}?mentor_id=${this.#mentor}&format=csv`)
    const [, ...rows] = recordsOf(await response.text())
    const stored = rows.map(cells => `${cells.at(-1)} ${cells[0]}`)
    const expected = new Set(this.lines.map(({ external_id, session_id }) => `${external_id} ${session_id}`))
    const extra = stored.filter(one => !expected.delete(one))
    this.#stage.broken.push(
      ...extra.map(one => `${one} was duplicated`),
      ...[...expected].map(one => `${one} was lost`),
    )
  }
}

/** Causes a fault once a part of a file is acknowledged, and sends the file again until it is stored. */
const duringImport = (fault: (stage: Stage, end: () => void) => Promise<unknown>) => async (stage: Stage) => {
  const file = new SentFile(stage)
  const client = new AbortController()
  const from = Math.floor(stage.random() * count * 0.8) + 1
  const { url } = stage.pick(stage.instances)
  await new Promise<void>(resolve => {
    const sending = file.send(url, client.signal, line => line >= from && resolve())
    void sending.catch(() => {}).finally(resolve)
  })
  await fault(stage, () => client.abort())
  await file.finish()
  await stage.recovered(performance.now())
  return 1
}

async function clientGone(stage: Stage, end: () => void): Promise<void> {
  stage.rounds.push({ at: performance.now() })
  end()
}

export const faults: Record<string, Kind> = {
  import: {
    title: 'imports, through kills of the client, an instance and the primary',
    times: 12,
    seconds: 15,
    fault: inTurn(...[clientGone, instanceKilled, primaryKilled].map(duringImport)),
  },
  'import-embedded': {
    title: 'imports into an embedded file, through kills of the client and the server',
    isEmbedded: true,
    times: 8,
    seconds: 8,
    fault: inTurn(...[clientGone, instanceKilled].map(duringImport)),
  },
}
