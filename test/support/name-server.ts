import { createSocket, type RemoteInfo } from 'node:dgram'
import type { AddressInfo } from 'node:net'

const headerBytes = 12
const typeA = 1
const nameError = 3

/** Returns the name and the type that a query asks for, and where its question ends. */
function questionOf(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = []
  let at = headerBytes
  for (let length = query[at] as number; length > 0; length = query[at] as number) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 }
}

/** Returns a response with the query's question and these IPv4 addresses (RFC 1035 §4.1). */
function responseTo(query: Buffer, end: number, addresses: string[], code: number): Buffer {
  const header = Buffer.from(query.subarray(0, headerBytes))
  header.writeUInt16BE(0x8180 | code, 2)
  header.writeUInt16BE(addresses.length, 6)
  header.writeUInt32BE(0, 8)
  const records = addresses.map(address =>
    Buffer.from([0xc0, headerBytes, 0, typeA, 0, 1, 0, 0, 0, 0, 0, 4, ...address.split('.').map(Number)]),
  )
  return Buffer.concat([header, query.subarray(headerBytes, end), ...records])
}

/**
 * A real name server. It knows the IPv4 addresses of some names, never responds about others, and reports that all the
 * rest do not exist.
 */
export class NameServer {
  /** Names whose IPv4 addresses were requested. */
  readonly asked: string[] = []
  readonly #socket = createSocket('udp4')

  private constructor(
    /** Returns the addresses of a name, or undefined if the name does not exist. */
    readonly addressesOf: (name: string) => string[] | 'silent' | undefined,
  ) {
    this.#socket.on('message', (query, from) => this.#respond(query, from))
  }

  static async start(addressesOf: NameServer['addressesOf']): Promise<NameServer> {
    const server = new NameServer(addressesOf)
    await new Promise<void>(resolve => {
      server.#socket.bind(0, '127.0.0.1', resolve)
    })
    return server
  }

  get address(): string {
    return `127.0.0.1:${(this.#socket.address() as AddressInfo).port}`
  }

  #respond(query: Buffer, { port, address }: RemoteInfo): void {
    const { name, type, end } = questionOf(query)
    if (type === typeA) this.asked.push(name)
    const found = this.addressesOf(name)
    if (found === 'silent') return
    const response = responseTo(query, end, type === typeA ? (found ?? []) : [], found ? 0 : nameError)
    this.#socket.send(response, port, address)
  }

  async stop(): Promise<void> {
    await new Promise<void>(resolve => {
      this.#socket.close(resolve)
    })
  }
}

/** Starts a name server for a suite. `servers` is for the server under test, which must start later. */
export function naming(addressesOf: NameServer['addressesOf']): { servers: string[]; readonly asked: string[] } {
  let names: NameServer | undefined
  const servers: string[] = []
  beforeAll(async () => {
    names = await NameServer.start(addressesOf)
    servers.push(names.address)
  })
  afterAll(() => names?.stop())
  return {
    servers,
    get asked() {
      return names?.asked ?? []
    },
  }
}
