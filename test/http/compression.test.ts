import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Writable } from 'node:stream'
import { createBrotliDecompress, createGunzip } from 'node:zlib'
import { compressedAtOnce, compressedStream, endCompressed, setEncodingHeaders } from '../../src/http/compression'
import { type EncodedAnswer, sendEncoded } from '../support/encoded'
import { head, RawClient } from '../support/raw'
import { until, within } from '../support/until'

let server: Server
let url: string
let answer: (response: ServerResponse) => void

beforeAll(async () => {
  server = createServer((_request, response) => answer(response))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const accepting = (encoding: string) => ({ 'Accept-Encoding': encoding })

/** Requests the text as a client that accepts this encoding. */
const get = (encoding: string, text: string): Promise<EncodedAnswer> => {
  answer = response => void endCompressed(response, text)
  return sendEncoded(url, 'GET', '/', accepting(encoding))
}

const short = 'é'.repeat(699)
const long = 'benefit '.repeat(1_000)
const longer = 'benefit '.repeat(100_000)

describe.each([
  ['a text that is compressed at once', long],
  ['one that another thread compresses', longer],
])('%s', (_which, text) => {
  test.each([
    ['gzip', 'gzip'],
    ['br', 'br'],
    ['gzip, deflate, br, zstd', 'br'],
    ['gzip, deflate', 'gzip'],
    ['gzip;q=1.0, br;q=0.1', 'gzip'],
    ['*', 'br'],
    ['identity;q=0, gzip', 'gzip'],
    ['identity;q=0, *', 'br'],
  ])('is sent to a client that accepts "%s" as %s, with its compressed length', async (accepted, encoding) => {
    const { headers, bytes, text: said } = await get(accepted, text)
    expect(headers).toMatchObject({ 'content-encoding': encoding, vary: 'Accept-Encoding' })
    expect(headers['content-length']).toBe(String(bytes.length))
    expect(bytes.length).toBeLessThan(text.length / 20)
    expect(said).toBe(text)
  })

  test.each([
    '',
    'identity',
    'deflate',
    'zstd, compress',
    'br;q=0, gzip;q=0',
    '*;q=0',
    'identity;q=0',
    'gzip;q=0, *;q=0',
    'gzip;q=much',
    'gz ip',
    ';;,=,"br"',
    'identity, gzip;q=0.5',
  ])('is sent uncompressed to a client that accepts "%s"', async accepted => {
    const { headers, bytes } = await get(accepted, text)
    expect(headers).not.toHaveProperty('content-encoding')
    expect(headers).toMatchObject({ 'content-length': String(bytes.length), vary: 'Accept-Encoding' })
    expect(bytes.toString()).toBe(text)
  })

  test('gets the header fields of GET for HEAD', async () => {
    for (const encoding of ['gzip', 'br', 'identity']) {
      const full = await get(encoding, text)
      const { headers, bytes } = await sendEncoded(url, 'HEAD', '/', accepting(encoding))
      expect(bytes).toHaveLength(0)
      expect({ ...headers, date: '' }).toEqual({ ...full.headers, date: '' })
    }
  })

  test('is decoded by fetch', async () => {
    await get('identity', text)
    for (const encoding of ['gzip', 'br']) {
      const got = await fetch(url, { headers: accepting(encoding) })
      expect(got.headers.get('content-encoding')).toBe(encoding)
      expect(await got.text()).toBe(text)
    }
  })
})

test('without Accept-Encoding, the text is sent unencoded', async () => {
  answer = response => void endCompressed(response, long)
  const client = await RawClient.connect(url)
  const text = await client.send(head('GET /', 'Connection: close')).whole
  expect(text).not.toMatch(/content-encoding/i)
  expect(text.endsWith(`\r\n\r\n${long}`)).toBe(true)
})

test('a text is compressed from 1,400 bytes on', async () => {
  const below = await get('gzip', `${short}x`)
  expect(below.headers).toMatchObject({ 'content-length': '1399', vary: 'Accept-Encoding' })
  expect(below.headers).not.toHaveProperty('content-encoding')
  const { headers, text } = await get('gzip', `${short}xx`)
  expect(headers['content-encoding']).toBe('gzip')
  expect(text).toBe(`${short}xx`)
})

test('an existing Vary field is kept', async () => {
  answer = response => {
    response.setHeader('Vary', 'Origin')
    void endCompressed(response, long)
  }
  expect((await sendEncoded(url, 'GET', '/', accepting('br'))).headers.vary).toBe('Origin, Accept-Encoding')
})

describe('concurrent large texts', () => {
  const noise = randomBytes(500_000).toString('hex')

  /** Sends this many requests. Returns the responses that wait to be answered and what `ask` returned for each. */
  async function waiting<T>(count: number, ask: () => T): Promise<[ServerResponse[], T[]]> {
    const responses: ServerResponse[] = []
    answer = response => responses.push(response)
    const asked = Array.from({ length: count }, ask)
    await until(() => responses.length === count, 60_000, 'the requests')
    return [responses, asked]
  }

  test('are compressed up to a bound, and one more is sent uncompressed at once', async () => {
    const [responses, answers] = await waiting(compressedAtOnce + 3, () =>
      sendEncoded(url, 'GET', '/', accepting('gzip')),
    )
    for (const response of responses) void endCompressed(response, noise)
    expect(responses.filter(({ writableEnded }) => writableEnded)).toHaveLength(3)
    const got = await Promise.all(answers)
    expect(got.filter(({ headers }) => headers['content-encoding'] === 'gzip')).toHaveLength(compressedAtOnce)
    expect(got.every(({ text }) => text === noise)).toBe(true)
    expect((await get('gzip', noise)).headers['content-encoding']).toBe('gzip')
  })

  test('of disconnected clients are not sent, and free their slots', async () => {
    const [responses, clients] = await waiting(compressedAtOnce, async () =>
      (await RawClient.connect(url)).send(head('GET /', 'Accept-Encoding: br')),
    )
    const ended = responses.map(response => endCompressed(response, noise))
    // The same as when a client resets its connection, but surely before the first compression ends.
    for (const { socket } of responses) socket?.destroy()
    await within(60_000, 'the compression', Promise.all(ended))
    await Promise.all(clients)
    expect(responses.some(({ headersSent }) => headersSent)).toBe(false)
    expect((await get('br', noise)).headers['content-encoding']).toBe('br')
  })
})

describe.each([
  ['gzip', createGunzip],
  ['br', createBrotliDecompress],
])('a text sent in pieces as %s', (encoding, decoder) => {
  async function begun(): Promise<{ response: ServerResponse; out: Writable; incoming: IncomingMessage }> {
    const opened = new Promise<[ServerResponse, Writable]>(resolve => {
      answer = response => {
        setEncodingHeaders(response)
        resolve([response, compressedStream(response)])
      }
    })
    const asked = request(url, { headers: accepting(encoding) }).end()
    const [[response, out], [incoming]] = await Promise.all([opened, once(asked, 'response')])
    return { response, out, incoming }
  }

  test('arrives piece by piece', async () => {
    const { out, incoming } = await begun()
    expect(incoming.headers).toMatchObject({ 'content-encoding': encoding, vary: 'Accept-Encoding' })
    expect(incoming.headers).not.toHaveProperty('content-length')
    const decoded = incoming.pipe(decoder()).setEncoding('utf8')
    for (const piece of ['one', 'two', long]) {
      out.write(piece)
      let got = ''
      while (got.length < piece.length) got += (await once(decoded, 'data'))[0]
      expect(got).toBe(piece)
    }
    out.end('last')
    let rest = ''
    for await (const chunk of decoded) rest += chunk
    expect(rest).toBe('last')
  })

  test('is produced no faster than its client takes it', async () => {
    const { response, out, incoming } = await begun()
    const pieces: string[] = []
    const write = (): void => {
      const piece = randomBytes(50_000).toString('base64')
      pieces.push(piece)
      out.write(piece)
    }
    const full = (): boolean => response.writableNeedDrain && out.writableNeedDrain
    // Until the network is full, each piece must drain before the next one is written.
    out.on('drain', write)
    write()
    await until(full, 60_000, 'a client that takes nothing')
    expect(out.writableLength).toBeLessThan(500_000)
    out.off('drain', write)
    const whole = incoming.pipe(decoder()).setEncoding('utf8')
    out.end()
    let text = ''
    for await (const chunk of whole) text += chunk
    expect(text === pieces.join('')).toBe(true)
  })

  test('ends when its client disconnects', async () => {
    const { out, incoming } = await begun()
    out.write(long)
    incoming.destroy()
    await within(60_000, 'the end of the stream', once(out, 'close'))
    expect(out.destroyed).toBe(true)
  })
})
