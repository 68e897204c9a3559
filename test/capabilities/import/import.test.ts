import { randomUUID } from 'node:crypto'
import { startDigest } from '../../../src/capabilities/import/store'
import { Erasure } from '../../../src/sessions/erasure'
import { inputs, otherInputs } from '../../support/inputs'
import { base } from '../../support/interfaces'
import { client, json } from '../../support/rest'
import { serving } from '../../support/server'
import { overStores } from '../../support/stores'
import { imported, ndjson, path } from './importing'

overStores(({ newDatabase }) => {
  const server = serving(newDatabase)
  const rest = client(server)

  const full = async (session_id: unknown) => JSON.parse((await rest.get(`${base}/${session_id}?view=full`)).text)

  test('an import starts a session for each line, in their order, and says what became of it', async () => {
    const mentor_id = randomUUID()
    const { lines, last } = await imported(server, [
      { mentor_id, external_id: `${mentor_id}-1`, inputs },
      { mentor_id, organisation_id: 'org' },
      '',
      ' \r',
      'no json',
      '[]',
      { mentor_id, external_id: `${mentor_id}-1`, inputs: otherInputs },
      { mentor_id, organisation_id: null, external_id: `${mentor_id}-1`, inputs },
      { mentor_id: '', inputs: { ...inputs, sessions: -1 } },
    ])
    const [calculated, started, noJson, noObject, taken, repeated, faulty] = lines
    expect(lines.map(({ line }) => line)).toEqual([1, 2, 5, 6, 7, 8, 9])
    expect(last).toEqual({ done: true, created: 2, repeated: 1, refused: 4 })

    const session = await full(calculated?.session_id)
    expect(session).toMatchObject({ mentor_id, external_id: `${mentor_id}-1`, state: 'loaded', version: 3 })
    const { session_id, result_id } = session
    expect(calculated).toEqual({ line: 1, status: 'created', session_id, result_id })
    expect(repeated).toEqual({ line: 8, status: 'repeated', session_id, result_id })
    expect(await full(started?.session_id)).toMatchObject({ mentor_id, organisation_id: 'org', state: 'initial' })
    expect(started).toEqual({ line: 2, status: 'created', session_id: started?.session_id })

    expect(noJson).toMatchObject({ status: 'refused', code: 'invalid_json', errors: [{ pointer: '' }] })
    expect(noJson?.detail).toMatch(/^The request has a line that is not JSON: /)
    expect(noObject).toMatchObject({
      code: 'validation_failed',
      errors: [{ detail: 'must be an object', pointer: '' }],
    })
    expect(taken).toMatchObject({ status: 'refused', code: 'external_id_taken', session_id })
    expect(faulty?.errors?.map(({ pointer }) => pointer)).toEqual(['/mentor_id', '/inputs/sessions'])
    expect(await rest.total({ mentor_id })).toBe(2)
  })

  test('the example in the description has the members of an outcome', async () => {
    const { paths } = JSON.parse((await rest.get('/openapi.json')).text)
    const { example } = paths[path].post.responses[200].content['application/x-ndjson']
    const { lines } = await imported(server, [{ mentor_id: 'm', inputs }])
    expect(Object.keys(JSON.parse(example.split('\n')[0]))).toEqual(Object.keys(lines[0] as object))
  })

  test('a file that is sent again is repeated, whatever happened to its sessions, until they are closed', async () => {
    const mentor_id = randomUUID()
    const external = (n: number) => `${mentor_id}-${n}`
    const file = [
      { mentor_id, external_id: external(1), inputs },
      { mentor_id, external_id: external(2) },
      { mentor_id, external_id: external(3), organisation_id: 'org', inputs },
      { mentor_id },
    ]
    const first = await imported(server, file)
    const [one, two, three] = first.lines.map(({ session_id }) => `${base}/${session_id}`)
    await rest.put(`${one}`, JSON.stringify({ event: 'CalculateRequested', payload: otherInputs }))
    // Started without inputs, and calculated with those of another line.
    await rest.put(`${two}`, JSON.stringify({ event: 'CalculateRequested', payload: inputs }))
    await rest.call('DELETE', `${three}`)

    const second = await imported(server, file)
    expect(second.lines.map(({ status }) => status)).toEqual(['repeated', 'repeated', 'created', 'created'])
    expect(second.lines.slice(0, 2).map(({ session_id }) => session_id)).toEqual(
      first.lines.slice(0, 2).map(({ session_id }) => session_id),
    )
    expect(second.last).toEqual({ done: true, created: 2, repeated: 2, refused: 0 })
    const other = await imported(server, [
      { ...file[0], inputs: otherInputs },
      { ...file[1], inputs },
      { ...file[0], mentor_id: 'another' },
    ])
    expect(other.lines.map(({ code }) => code)).toEqual(Array(3).fill('external_id_taken'))
  })

  test('a session that was started by itself is repeated, too', async () => {
    const start = { mentor_id: randomUUID(), external_id: randomUUID(), inputs }
    const { session_id } = JSON.parse((await rest.post(base, JSON.stringify(start), json)).text)
    const { lines } = await imported(server, [{ ...start, organisation_id: null }])
    expect(lines).toMatchObject([{ status: 'repeated', session_id }])
  })

  test('a session that has moved is repeated, until its first mentor is erased', async () => {
    const start = { mentor_id: randomUUID(), organisation_id: 'org', external_id: randomUUID(), inputs }
    const { session_id } = JSON.parse((await rest.post(base, JSON.stringify(start), json)).text)
    for (const payload of [{ organisation_id: 'org2' }, { mentor_id: 'other' }, { mentor_id: 'another' }])
      await rest.put(`${base}/${session_id}`, JSON.stringify({ event: 'ReassignRequested', payload }))
    expect((await imported(server, [start])).lines).toMatchObject([{ status: 'repeated', session_id }])
    await new Erasure(server.sessions).erase('other')
    expect((await imported(server, [start])).lines).toMatchObject([{ status: 'repeated', session_id }])
    await new Erasure(server.sessions).erase(start.mentor_id)
    // Nothing tells what the session was started with.
    expect((await imported(server, [start])).last).toMatchObject({ created: 1 })
  })

  test('a dry run checks every line after the lines before it, and stores nothing', async () => {
    const mentor_id = randomUUID()
    const external_id = randomUUID()
    const stored = { mentor_id, external_id: randomUUID(), inputs }
    await imported(server, [stored])
    const lines = [
      { mentor_id, external_id, inputs },
      { mentor_id, external_id, inputs },
      { mentor_id, external_id },
      { mentor_id, external_id, organisation_id: 'org' },
      stored,
      { ...stored, inputs: otherInputs },
      { mentor_id, inputs: {} },
      'no json',
      { mentor_id },
    ]
    const dry = await imported(server, lines, { query: '?dry_run=on' })
    const statusOf = ({ status, code }: { status: string; code?: string }) => code ?? status
    expect(dry.lines.map(statusOf)).toEqual([
      'created',
      'repeated',
      'external_id_taken',
      'created',
      'repeated',
      'external_id_taken',
      'validation_failed',
      'invalid_json',
      'created',
    ])
    expect(dry.lines.every(({ status, session_id }) => status === 'refused' || session_id === undefined)).toBe(true)
    expect(dry.last).toEqual({ done: true, created: 3, repeated: 2, refused: 4 })
    expect(await rest.total({ mentor_id })).toBe(1)
    const wet = await imported(server, lines)
    expect(wet.lines.map(statusOf)).toEqual(dry.lines.map(statusOf))
    expect(wet.last).toEqual(dry.last)
  })

  test('hundreds of lines are stored, and their outcomes are in the order of the lines', async () => {
    const mentor_id = randomUUID()
    const file = Array.from({ length: 500 }, (_, i) => ({ mentor_id, external_id: `${mentor_id} ${i}`, inputs }))
    const { lines, last } = await imported(server, file)
    expect(lines.map(({ line }) => line)).toEqual(file.map((_, i) => i + 1))
    expect(last).toEqual({ done: true, created: 500, repeated: 0, refused: 0 })
    expect((await full(lines[321]?.session_id)).external_id).toBe(`${mentor_id} 321`)
    expect((await imported(server, file)).last).toEqual({ done: true, created: 0, repeated: 500, refused: 0 })
    expect(await rest.total({ mentor_id })).toBe(500)
  })

  test('an empty body is an import without lines, and the last line needs no line feed', async () => {
    expect(await imported(server, [])).toEqual({
      lines: [],
      last: { done: true, created: 0, repeated: 0, refused: 0 },
    })
    const body = `\n${JSON.stringify({ mentor_id: 'm' })}`
    const { text } = await rest.post(path, body, ndjson)
    expect(text.split('\n')[0]).toMatch(/^\{"line":2,"status":"created",/)
  })
})

test('digests are those that version 1.2 stored', () => {
  const start = { mentor_id: 'm', organisation_id: null, external_id: 'e', inputs }
  expect(startDigest(start)).toBe('s9OA8ibzc3xxUcT8_Ab_CPZ-xtOmdJjp_b-9nPGEwtQ')
  expect(startDigest({ ...start, inputs: undefined })).toBe('X7RA6we0l82pHtC6goyYw0iM7PUsH4voIBZWkrEiyN0')
})
