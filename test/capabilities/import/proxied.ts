import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { inputs } from '../../support/inputs'
import type { ProxiedRule } from '../../support/proxies'
import { until } from '../../support/until'
import { bodyOf, importedIn, ndjson, path } from './importing'

const partly: ProxiedRule = {
  rule: 'an import of which parts are stored before others are sent arrives whole',
  async holds({ below, sessions, buffersBodies }) {
    const mentor_id = `imported behind ${below}`
    const lines = Array.from({ length: 3_000 }, (_, n) => ({ mentor_id, external_id: `${mentor_id} ${n}`, inputs }))
    const asked = request(below + path, { method: 'POST', headers: ndjson })
    const answered = once(asked, 'response')
    // More than the proxies buffer of a body.
    asked.write(bodyOf(lines.slice(0, 1_500)))
    if (!buffersBodies) {
      const url = `${sessions}?mentor_id=${encodeURIComponent(mentor_id)}&limit=1`
      const stored = async () => JSON.parse(await (await fetch(url)).text()).pagination.total
      await until(async () => (await stored()) >= 1_000, 20_000, 'the first sessions')
    }
    asked.end(bodyOf(lines.slice(1_500)))
    const [answer] = (await answered) as [IncomingMessage]
    const { last } = importedIn({ status: 200, headers: answer.headers, text: await text(answer) })
    expect(last).toEqual({ done: true, created: lines.length, repeated: 0, refused: 0 })
  },
}

export const proxied: ProxiedRule[] = [partly]
