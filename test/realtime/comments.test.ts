import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { EventStreams } from '../../src/sse'
import { within } from '../support/until'

test('an event stream where nothing happens is kept open by comments', async () => {
  const streams = new EventStreams(1, () => '', 20)
  const server = createServer((_request, response) => void streams.open(response)).listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  const stop = new AbortController()
  try {
    const { port } = server.address() as AddressInfo
    const response = await fetch(`http://127.0.0.1:${port}/`, { signal: stop.signal })
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    let text = ''
    await within(
      10_000,
      'the comments',
      (async () => {
        while (text.length < 12) text += Buffer.from((await reader.read()).value ?? []).toString()
      })(),
    )
    expect(text).toMatch(/^(:\n\n){4,}$/)
  } finally {
    stop.abort()
    server.closeAllConnections()
    server.close()
  }
})
