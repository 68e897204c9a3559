import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { BSON } from 'mongodb'

const legacyQuery = 2004
const legacyReply = 1
const message = 2013

/**
 * Starts a server that speaks MongoDB's wire protocol and answers every command with the `hello` reply of a MongoDB 4.4
 * primary (https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/). Resolves with its host and a function
 * that ends it.
 */
export async function startOldMongod(): Promise<{ host: string; end(): void }> {
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    let received = Buffer.alloc(0)
    socket.on('error', () => socket.destroy())
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk])
      while (received.length >= 16 && received.length >= received.readInt32LE(0)) {
        socket.write(answerTo(received))
        received = received.subarray(received.readInt32LE(0))
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const hello = BSON.serialize({
    ok: 1,
    isWritablePrimary: true,
    ismaster: true,
    setName: 'rs0',
    hosts: [host],
    me: host,
    maxBsonObjectSize: 16_777_216,
    maxMessageSizeBytes: 48_000_000,
    maxWriteBatchSize: 100_000,
    minWireVersion: 0,
    maxWireVersion: 9,
  })

  function answerTo(asked: Buffer): Buffer {
    const isLegacy = asked.readInt32LE(12) === legacyQuery
    const head = Buffer.alloc(isLegacy ? 36 : 21)
    head.writeInt32LE(head.length + hello.length, 0)
    head.writeInt32LE(asked.readInt32LE(4), 8)
    head.writeInt32LE(isLegacy ? legacyReply : message, 12)
    if (isLegacy) head.writeInt32LE(1, 32)
    return Buffer.concat([head, hello])
  }

  const end = (): void => {
    for (const socket of sockets) socket.destroy()
    server.close()
  }
  return { host, end }
}
