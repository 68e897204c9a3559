import { stallMs } from '../../../src/concurrency/event-loop-stalls'
import { longestTurnOf } from '../../support/longest-turn'
import { send } from '../../support/raw'
import { serving } from '../../support/server'
import { embeddedDatabase } from '../../support/stores'
import { ndjson, path } from './importing'

const server = serving(embeddedDatabase)

const numbered = (names: number): object => Object.fromEntries(Array.from({ length: names }, (_, n) => [`a${n}`, 1]))

test.each([
  ['unknown members', JSON.stringify(numbered(400))],
  ['unknown inputs', JSON.stringify({ mentor_id: 'm', inputs: numbered(400) })],
  ['levels', `{"mentor_id":${'['.repeat(2_000)}${']'.repeat(2_000)}}`],
])('an import of lines with many %s holds up other work for less than a stall', async (_, line) => {
  const ask = () => send(server.url, 'POST', path, ndjson, `${line}\n`.repeat(500))
  expect((await ask()).text).toContain('"refused":500')
  expect(await longestTurnOf(ask)).toBeLessThan(stallMs)
})
