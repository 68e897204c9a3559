import { connect } from 'node:net'

export const connections = 64

export interface Asked {
  method: string
  path: string
  body?: object
}

export interface Answer {
  status: number
  /** Status line and headers. */
  head: string
  body: string
}

const patienceMs = 30_000
const headEnd = '\r\n\r\n'

function textOf({ method, path, body }: Asked): string {
  const head = `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1`
  if (body === undefined) return head + headEnd
  const text = JSON.stringify(body)
  return `${head}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}${headEnd}${text}`
}

/** HTTP connection that carries one request at a time. */
export class Connection {
  readonly socket
  #received: Buffer = Buffer.alloc(0)
  #answered: (answer: Answer) => void = () => {}
  #failed: (error: Error) => void = () => {}

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true })
    this.socket.setTimeout(patienceMs, () => this.#failed(new Error(`no answer within ${patienceMs} ms`)))
    this.socket.on('data', (chunk: Buffer) => this.#read(chunk))
    this.socket.on('error', error => this.#failed(error))
    this.socket.on('close', () => this.#failed(new Error('the connection was closed')))
  }

  ask(asked: Asked): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#answered = resolve
      this.#failed = reject
      this.socket.write(textOf(asked))
    })
  }

  #read(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk])
    const end = this.#received.indexOf(headEnd)
    if (end < 0) return
    const head = this.#received.toString('latin1', 0, end)
    const [, length] = /^content-length: (\d+)/im.exec(head) ?? []
    if (length === undefined) {
      this.#failed(new Error(`an answer does not say how long it is: ${head}`))
      return
    }
    const from = end + headEnd.length
    const to = from + Number(length)
    if (this.#received.length < to) return
    const body = this.#received.toString('utf8', from, to)
    this.#received = this.#received.subarray(to)
    this.#answered({ status: Number(head.slice(9, 12)), head, body })
  }
}

/**
 * Sends the requests over `clients` connections, one at a time on each. Resolves when every request has its response.
 */
export async function load(
  port: number,
  requests: IterableIterator<Asked>,
  answered: (answer: Answer, asked: Asked) => void,
  clients = connections,
): Promise<void> {
  const open = Array.from({ length: clients }, () => new Connection(port))
  try {
    const work = async (connection: Connection) => {
      for (const asked of requests) answered(await connection.ask(asked), asked)
    }
    await Promise.all(open.map(work))
  } finally {
    for (const { socket } of open) socket.destroy()
  }
}
