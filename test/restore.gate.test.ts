import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { follow } from './support/follow'
import { inputsOf } from './support/inputs'
import type { Instance } from './support/instance'
import { graphqlApi, restApi } from './support/interfaces'
import { folder, run } from './support/process'
import { describeMongo, mongoDatabase } from './support/stores'
import { until } from './support/until'

/** The commands of docs/operations/data.md for copying and restoring, in order. */
const [copyCommand, restoreCommand] = [
  ...(
    readFileSync(join(__dirname, '../../docs/operations/data.md'), 'utf8').split('\n## Backup and restore\n')[1] ?? ''
  ).matchAll(/^```sh\n(.*?)^```$/gms),
].map(([, commands]) => commands ?? '') as [string, string]

const shell = (commands: string, { child }: Instance) =>
  execFileSync('bash', ['-ec', commands], { cwd: folder, env: { ...process.env, PID: String(child.pid) } })

const inFolder = (name: string) => join(folder, 'data', name)
const copied = 'data file backed up'

beforeEach(() => rmSync(join(folder, 'data'), { recursive: true, force: true }))

async function started(): Promise<Instance> {
  const server = run({})
  await server.listening()
  return server
}

test('a file copied during writes is restored as it was, and every cursor is accepted or refused correctly', async () => {
  const server = await started()
  const api = restApi(server)
  const start = async (mentor_id: string): Promise<string> => {
    const answer = await api.start({ mentor_id })
    if (!answer.ok) throw new Error(answer.code)
    return answer.session.session_id
  }
  const feed = follow(server.url, 'graphqlWs')
  await feed.received(1)

  const before: string[] = []
  let isCopied = false
  const write = async (): Promise<void> => {
    while (!isCopied) before.push(await start('before'))
  }
  const writers = Promise.all([write(), write()])
  await until(() => before.length > 50, 60_000, 'some sessions')
  const answered = before.length
  shell(copyCommand, server)
  expect(await server.said(copied)).toMatchObject({ file: 'data/sessions.db.backup', bytes: expect.any(Number) })
  isCopied = true
  await writers
  const last = await start('lost')
  await api.dispatch(last, 'CalculateRequested', inputsOf(1))
  const cursors = (await feed.received(before.length + 4)).map(({ kind, ...message }) =>
    'cursor' in message ? message.cursor : kind,
  )
  await server.kill()

  const copy = new Database(inFolder('sessions.db.backup'), { readonly: true })
  expect(copy.pragma('integrity_check', { simple: true })).toBe('ok')
  const held = new Set(copy.prepare('SELECT session_id FROM sessions').pluck().all())
  copy.close()
  expect(before.slice(0, answered).filter(id => !held.has(id))).toEqual([])
  expect(held.has(last)).toBe(false)
  expect(statSync(inFolder('sessions.db.backup')).mode & 0o777).toBe(0o600)
  expect(existsSync(inFolder('sessions.db-wal'))).toBe(true)

  shell(restoreCommand, server)
  const again = await started()
  const listed = await graphqlApi(again).list({}, 1)
  expect(listed).toMatchObject({ ok: true, total: held.size })
  const now = await restApi(again).start({ mentor_id: 'after' })
  expect(now.ok).toBe(true)
  const [first, lost] = [follow(again.url, 'graphqlWs', cursors[0]), follow(again.url, 'graphqlWs', cursors.at(-2))]
  // The first cursor yields everything in the copy and then new events. A lost cursor yields a gap.
  const told = (await first.received(held.size + 2)).slice(1)
  expect(new Set(told.slice(0, -1).map(message => 'session_id' in message && message.session_id))).toEqual(held)
  expect(told.at(-1)).toMatchObject({ session_id: now.ok && now.session.session_id, sequence: 1 })
  expect(await lost.received(2)).toMatchObject([{ kind: 'gap', reason: 'unknown' }, { kind: 'ready' }])
  for (const { connection } of [feed, first, lost]) connection.cut()
  expect(await again.stop()).toBe(0)
})

test('if the copy fails, the log says so, the previous copy stays, and the server continues', async () => {
  const server = await started()
  shell(copyCommand, server)
  await server.said(copied)
  const former = readFileSync(inFolder('sessions.db.backup'))
  mkdirSync(inFolder('sessions.db.backup.part'))
  shell(copyCommand, server)
  expect(await server.said('data file not backed up')).toMatchObject({ level: 'error' })
  expect(readFileSync(inFolder('sessions.db.backup'))).toEqual(former)
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
  expect(await server.stop()).toBe(0)
})

describeMongo('a process on MongoDB', () => {
  test("logs that MongoDB's own tools make the copy, and continues", async () => {
    const database = await mongoDatabase()
    const server = run(database.env)
    await server.listening()
    shell(copyCommand, server)
    await server.said('nothing backed up: use mongodump for a MongoDB store')
    expect(await server.stop()).toBe(0)
    await database.drop()
  })
})
