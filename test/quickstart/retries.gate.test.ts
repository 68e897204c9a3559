import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { fencesOf } from '../support/fences'
import { client } from '../support/rest'
import { serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'

const root = join(__dirname, '../../..')
const server = serving(embeddedDatabase)

const json = { 'Content-Type': 'application/json' }
const inFlight = {
  rest: JSON.stringify({ status: 409, code: 'request_in_flight', detail: 'still being served' }),
  graphql: JSON.stringify({ errors: [{ message: 'still being served', extensions: { code: 'REQUEST_IN_FLIGHT' } }] }),
}

/** Starts a proxy that does this to the first responses, in this order, and then passes on every response unchanged. */
async function proxyWith(faults: ((response: ServerResponse) => unknown)[]): Promise<{ url: string; close(): void }> {
  const proxy = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const { method = '', headers, url = '' } = request
    const { host: _, connection: __, 'content-length': ___, ...passed } = headers
    const fault = faults.shift()
    const body = method === 'GET' ? undefined : Buffer.concat(chunks)
    const answer = await fetch(server.url + url, {
      method,
      headers: passed as Record<string, string>,
      body: body ?? null,
    })
    const text = await answer.text()
    if (fault) fault(response)
    else response.writeHead(answer.status, json).end(text)
  })
  await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve))
  const { port } = proxy.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, close: () => proxy.close() }
}

test.each([
  ['rest', 409],
  ['graphql', 200],
] as const)(
  'the program of the quickstart for %s repeats a request whose response is lost, a page of a proxy, or in flight',
  async (page, status) => {
    const proxy = await proxyWith([
      response => response.destroy(),
      response => response.writeHead(502, { 'Content-Type': 'text/html' }).end('<h1>502 Bad Gateway</h1>'),
      response => response.writeHead(status, json).end(inFlight[page]),
    ])
    const folder = mkdtempSync(join(tmpdir(), 'retries-'))
    try {
      const fences = fencesOf(readFileSync(join(root, `docs/quickstart/${page}.md`), 'utf8'))
      const program = fences.find(({ info, body }) => info === 'js' && body.includes('fetch('))?.body ?? ''
      writeFileSync(join(folder, 'calculate.mjs'), program.replace('http://127.0.0.1:4000', proxy.url))
      const before = await client(server).total()
      const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'calculate.mjs')])
      expect(stdout).toMatch(/^session_\w+: ratio 4.29, net benefit 287.5\n/)
      expect(await client(server).total()).toBe(before + 1)
    } finally {
      proxy.close()
      rmSync(folder, { recursive: true })
    }
  },
)
