import {
  type Document,
  MongoAPIError,
  MongoClient,
  type MongoClientOptions,
  MongoParseError,
  MongoServerError,
  MongoServerSelectionError,
  type ServerHeartbeatSucceededEvent,
} from 'mongodb'
import { DomainError, StartupError, unavailable } from '../../domain/errors'

/** Time limit in ms for finding a writable server. */
const probeTimeoutMs = 2_000
/**
 * Wire version of MongoDB 5.0, the first version that supports snapshot reads outside transactions:
 * https://www.mongodb.com/docs/manual/reference/read-concern-snapshot/
 */
const snapshotsWireVersion = 13

// Error codes of a refused login: AuthenticationFailed, UserNotFound, MechanismUnavailable, and a code that only Atlas
// uses.
const refusedLoginCodes = new Set<unknown>([18, 11, 334, 8000])

/**
 * Requires version 5.0 or later. Uses a new MongoDB client, so that no state from earlier attempts remains. Throws
 * StartupError if MongoDB does not meet the requirements, and `unavailable` if it can't be reached.
 */
export async function requireReplicaSet(uri: string, options: MongoClientOptions, signal: AbortSignal): Promise<void> {
  const client = new MongoClient(uri, { ...options, serverSelectionTimeoutMS: probeTimeoutMs })
  const check = new ReplicaSetCheck(client)
  try {
    const problem = check.problemIn(await client.db('admin').command({ hello: 1 }, { signal }))
    if (problem) throw problem
  } catch (error) {
    throw check.reasonFor(error)
  } finally {
    await client.close()
  }
}

class ReplicaSetCheck {
  readonly #hosts: string
  /** The latest `hello` reply of each server, including servers that the driver ignores afterwards. */
  readonly #hellos = new Map<string, Document>()

  constructor(readonly client: MongoClient) {
    this.#hosts = client.options.hosts.map(String).join(', ')
    client.on('serverHeartbeatSucceeded', ({ connectionId, reply }: ServerHeartbeatSucceededEvent) => {
      this.#hellos.set(connectionId, reply)
    })
  }

  /** Returns the problem that a server's `hello` reply reveals, or undefined if there is none. */
  problemIn(hello: Document): Error | undefined {
    const { directConnection, replicaSet } = this.client.options
    if (hello.maxWireVersion < snapshotsWireVersion) {
      return new StartupError(`MongoDB at ${this.#hosts} is older than 5.0: use 5.0 or later.`)
    }
    if (hello.isreplicaset) {
      return unavailable(
        new Error(
          `MongoDB at ${this.#hosts} was started for a replica set but is not a member of one: run rs.initiate() once ` +
            'in mongosh, or rs.add() on the primary of the set that it should join.',
        ),
      )
    }
    if (hello.setName === undefined && hello.msg !== 'isdbgrid') {
      return new StartupError(
        `MongoDB at ${this.#hosts} is a standalone server, but change streams need a replica set: ` +
          'start it with --replSet rs0 and run rs.initiate() once in mongosh.',
      )
    }
    if (replicaSet && hello.setName !== replicaSet) {
      const set = hello.setName ? `part of the replica set ${hello.setName}` : 'a sharded cluster'
      return new StartupError(
        `MongoDB at ${this.#hosts} is ${set}, not part of ${replicaSet}: correct replicaSet in MONGODB_URI.`,
      )
    }
    // Do not refuse the only member of a replica set that has just started, because it will soon become the primary.
    if (directConnection && !hello.isWritablePrimary && hello.setName && hello.hosts?.length > 1) {
      return new StartupError(
        `MongoDB at ${this.#hosts} is not the primary of ${hello.setName}, and directConnection allows no other member: ` +
          'remove directConnection from MONGODB_URI.',
      )
    }
    return directConnection && !hello.isWritablePrimary ? this.#unreachable('not the primary yet') : undefined
  }

  /** Converts a driver error to an error that says why MongoDB can't be used. */
  reasonFor(error: unknown): Error {
    if (error instanceof StartupError || error instanceof DomainError) return error
    const { message } = error as Error
    if (error instanceof MongoServerError && refusedLoginCodes.has(error.code)) {
      return new StartupError(
        `MongoDB at ${this.#hosts} refused the login (${message.replace(/\.$/, '')}): correct user and password in MONGODB_URI.`,
      )
    }
    const isFile = (error as NodeJS.ErrnoException).syscall === 'open'
    if (isFile || error instanceof MongoParseError || error instanceof MongoAPIError) {
      return new StartupError(`MONGODB_URI cannot be used: ${message}.`)
    }
    if (!(error instanceof MongoServerSelectionError)) return this.#unreachable(message)
    // Keep trying as long as at least one member of the replica set could still become usable.
    const problems = [...this.#hellos.values()].map(hello => this.problemIn(hello))
    const isFinal = problems.every(problem => problem instanceof StartupError)
    return (
      problems.find(problem => problem && (isFinal || !(problem instanceof StartupError))) ?? this.#unreachable(message)
    )
  }

  #unreachable(why: string): Error {
    return unavailable(
      new Error(`MongoDB at ${this.#hosts} is unreachable (${why}): start MongoDB, or correct MONGODB_URI.`),
    )
  }
}
