import { sentBy } from '../../support/access'
import { endingAccess, type Post, sendHalf } from '../../support/ending-access'
import type { Found } from '../../support/operation'
import { client, problem } from '../../support/rest'
import { overStores } from '../../support/stores'
import { within } from '../../support/until'
import { callOf, messageHeaders } from './assistants'

const calls = ({ session_id }: Found) => [
  callOf('dispatch_event', { session_id, event: 'ResetRequested', expected_version: 4 }),
  callOf('get_session', { session_id }),
]

overStores(kind => {
  const { server, rest, gate, found, endings } = endingAccess(kind, { MCP: 'write' })
  afterEach(gate.open)

  const isUnchanged = async ({ session_id }: Found): Promise<boolean> =>
    (await rest.get(`/api/v1/benefit-calculator-sessions/${session_id}`)).headers.etag === '"4"'

  test.each(Object.entries(endings))(
    '%s ends a half-sent call of a tool at once: 401, without an effect',
    async (_, begin) => {
      const of = await found()
      const { bearer, end } = await begin()
      const posts = calls(of).map((text): Post => ({ name: text, at: 'POST /mcp', body: () => JSON.parse(text) }))
      const sent = await Promise.all(posts.map(post => sendHalf(server, bearer, post, of, '')))
      await end()
      for (const { sender } of sent) await sender.until('HTTP/1.1 401 Unauthorized')
      for (const { sender, rest } of sent) sender.socket.end(rest)
      for (const { sender } of sent) expect(await sender.whole.catch(() => sender.text)).not.toContain('HTTP/1.1 200')
      expect(await isUnchanged(of)).toBe(true)
    },
  )

  test.each(Object.entries(endings))(
    '%s ends a call of a tool that waits for the store: 401, without an effect',
    async (_, begin) => {
      const of = await found()
      const { bearer, end } = await begin()
      gate.close()
      const { post } = client(server, sentBy(bearer))
      const answered = Promise.all(calls(of).map(call => post('/mcp', call, messageHeaders)))
      await end()
      for (const answer of await within(20_000, 'the ends', answered))
        expect(problem(answer)).toMatchObject({ status: 401, code: 'unauthenticated' })
      gate.open()
      expect(await isUnchanged(of)).toBe(true)
    },
  )
})
