import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'

/** Ports that no system chooses by itself for a connection. */
const [firstFixed, lastFixed] = [20_000, 32_000]

/** Listens on a port (0 means any), closes it again, and returns it. Throws an error if the port is taken. */
async function probe(port: number): Promise<number> {
  const server = createServer().listen(port, '127.0.0.1')
  await once(server, 'listening')
  const { port: taken } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return taken
}

export const freePort = (): Promise<number> => probe(0)

/** Returns a port that outgoing connections cannot claim by chance, to listen on it later. */
export async function fixedPort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = await probe(randomInt(firstFixed, lastFixed)).catch(() => undefined)
    if (port) return port
  }
  throw new Error(`no free port from ${firstFixed} to ${lastFixed}`)
}
