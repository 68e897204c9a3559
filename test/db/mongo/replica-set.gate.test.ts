import type { MongoMemoryServer } from 'mongodb-memory-server-core'
import { mongoStore } from '../../../src/db/mongo/mongo-store'
import { DomainError, StartupError } from '../../../src/domain/errors'
import { ReplicaSet, startStandalone } from '../../support/mongod'
import { startOldMongod } from '../../support/old-mongod'
import { describeMongo, openMongo } from '../../support/stores'

/** Returns the reason why the store does not open: final, in one sentence, or temporary. */
async function refusal(uri: string): Promise<{ isFinal: boolean; sentence: string } | undefined> {
  const error = await openMongo(uri).then(
    store => store.end(),
    (error: unknown) => error,
  )
  if (error === undefined) return undefined
  if (error instanceof DomainError) {
    expect(error.code).toBe('unavailable')
    return { isFinal: false, sentence: (error.cause as Error).message }
  }
  expect(error).toBeInstanceOf(StartupError)
  return { isFinal: true, sentence: (error as Error).message }
}

const final = (text: RegExp) => ({ isFinal: true, sentence: expect.stringMatching(oneSentence(text)) })
const forNow = (text: RegExp) => ({ isFinal: false, sentence: expect.stringMatching(oneSentence(text)) })
const oneSentence = (text: RegExp): RegExp => new RegExp(`^${text.source}[^\\n]*\\.$`)

describeMongo('a standalone server is refused as a final error', () => {
  let server: MongoMemoryServer
  let host: string
  beforeAll(async () => {
    server = await startStandalone()
    host = `127.0.0.1:${server.instanceInfo?.port}`
  })
  afterAll(() => server?.stop())

  test.each(['', '?directConnection=true', '?replicaSet=rs0'])('with options %j', async options => {
    expect(await refusal(`mongodb://${host}/sessions${options}`)).toEqual(
      final(/MongoDB at 127\S+ is a standalone server, .* --replSet rs0 .*rs\.initiate\(\)/),
    )
  })

  test('with a wrong login, without showing the password', async () => {
    const refused = await refusal(`mongodb://planted-user:planted-password@${host}/sessions?authSource=admin`)
    expect(refused).toEqual(final(/MongoDB at 127\S+ refused the login \(Authentication failed\): .*MONGODB_URI/))
    expect(refused?.sentence).not.toContain('planted')
  })
})

describeMongo('a replica set', () => {
  let set: ReplicaSet
  beforeAll(async () => {
    set = await ReplicaSet.start(2)
  })
  afterAll(() => set?.stop())

  test('with another name is refused as a final error', async () => {
    expect(await refusal(`mongodb://${set.hosts}/?replicaSet=other`)).toEqual(
      final(/MongoDB at 127\S+, 127\S+ is part of the replica set rs0, not part of other: .*MONGODB_URI/),
    )
  })

  test('reached directly through a member that is not primary is refused as a final error that names the option', async () => {
    const refusals = await Promise.all(set.hosts.map(host => refusal(`mongodb://${host}/?directConnection=true`)))
    expect(refusals.filter(Boolean)).toEqual([final(/MongoDB at 127\S+ is not the primary of rs0, .*directConnection/)])
  })
})

describeMongo('a replica set with users', () => {
  test('refuses a user without the necessary role as a final error that names it', async () => {
    const set = await ReplicaSet.start(1, [], 'root')
    const as = (user: string) => `mongodb://${user}:${user}@${set.hosts}/sessions?authSource=admin`
    const root = mongoStore(as('root'))
    try {
      const createUser = (user: string, ...roles: string[]) =>
        root.client.db('admin').command({
          createUser: user,
          pwd: user,
          roles: roles.map(role => ({ role, db: 'sessions' })),
        })
      await createUser('reader', 'read')
      expect(await refusal(as('reader'))).toEqual(
        final(/The user in MONGODB_URI cannot read and write the database sessions: .* readWrite /),
      )
      await createUser('writer', 'readWrite')
      await (await openMongo(as('writer'))).end()
      await root.db.command({ collMod: 'sessions', validator: {} })
      expect(await refusal(as('writer'))).toEqual(
        final(/The collection sessions of the database sessions lacks the rule .* dbAdmin /),
      )
      await createUser('admin', 'readWrite', 'dbAdmin')
      await (await openMongo(as('admin'))).end()
      await (await openMongo(as('writer'))).end()
    } finally {
      await root.end()
      await set.stop()
    }
  })
})

describeMongo('a member of a set that was never initiated', () => {
  test('is retried, with a message that says what is missing', async () => {
    const server = await startStandalone(['--replSet', 'rs0'])
    const host = `127.0.0.1:${server.instanceInfo?.port}`
    const refusals = await Promise.all(
      ['', '?directConnection=true', '?replicaSet=rs0'].map(options => refusal(`mongodb://${host}/${options}`)),
    )
    const sentence =
      /MongoDB at 127\S+ was started for a replica set but is not a member of one: run rs\.initiate\(\) once /
    expect(refusals).toEqual([forNow(sentence), forNow(sentence), forNow(sentence)])
    await server.stop()
  })
})

test('a MongoDB without snapshot reads is refused as a final error that names the oldest supported version', async () => {
  const server = await startOldMongod()
  expect(await refusal(`mongodb://${server.host}/?directConnection=true`)).toEqual(
    final(/MongoDB at 127\S+ is older than 5\.0: /),
  )
  server.end()
})

test('an unreachable server is retried, with a message that names its address and the setting to correct', async () => {
  expect(await refusal('mongodb://user:planted@127.0.0.1:9/sessions')).toEqual(
    forNow(/MongoDB at 127\.0\.0\.1:9 is unreachable \(.*MONGODB_URI/),
  )
})

test.each([
  '',
  'nonsense',
  'http://127.0.0.1/',
  'mongodb://',
  'mongodb://127.0.0.1:port/',
  'mongodb://127.0.0.1/?nonsense=1',
  'mongodb://user:planted^pass word@127.0.0.1:99999/',
])('the invalid connection string %j is refused as a final error', async uri => {
  const refused = await refusal(uri)
  expect(refused).toEqual(final(/MONGODB_URI is not a MongoDB connection string/))
  expect(refused?.sentence).not.toContain('planted')
})

test('a missing file named in the connection string is refused as a final error', async () => {
  expect(await refusal('mongodb://127.0.0.1:9/?tls=true&tlsCAFile=/nowhere/ca.pem')).toEqual(
    final(/MONGODB_URI cannot be used: .*\/nowhere\/ca\.pem/),
  )
})
