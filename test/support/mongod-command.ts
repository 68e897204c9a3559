import { once } from 'node:events'
import { connect } from 'node:net'
import { BSON, type Document } from 'mongodb'
import { within } from './until'

const opMsg = 2013
const headBytes = 16

/**
 * Returns a local mongod's reply to a command. Each call uses its own connection. Unlike a driver, this function does
 * not know the replica set, never retries, and ends within `ms`.
 * https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/#op_msg
 */
export async function command(port: number, asked: Document, ms: number): Promise<Document> {
  const body = BSON.serialize({ ...asked, $db: 'admin' })
  const head = Buffer.alloc(headBytes + 5)
  head.writeInt32LE(head.length + body.length, 0)
  head.writeInt32LE(1, 4)
  head.writeInt32LE(opMsg, 12)

  const socket = connect(port, '127.0.0.1')
  async function answered(): Promise<Document> {
    await once(socket, 'connect')
    socket.write(Buffer.concat([head, body]))
    let got = Buffer.alloc(0)
    for await (const more of socket) {
      got = Buffer.concat([got, more])
      if (got.length < headBytes || got.length < got.readInt32LE(0)) continue
      const answer = BSON.deserialize(got.subarray(headBytes + 5))
      if (answer.ok !== 1) throw new Error(`${Object.keys(asked)[0]}: ${answer.errmsg}`)
      return answer
    }
    throw new Error(`${Object.keys(asked)[0]}: the connection was closed`)
  }
  try {
    return await within(ms, `the answer to ${Object.keys(asked)[0]}`, answered())
  } finally {
    socket.destroy()
  }
}
