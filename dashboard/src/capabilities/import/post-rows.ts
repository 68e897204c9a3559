import type { LastLine, Outcome } from '../../../../src/capabilities/import/model'
import { connectionError, errorOf, fetchRest } from '../../rest'

/** Request timeout in ms. Lines that have no outcome when the request times out are sent again. */
const requestMs = 30_000

/**
 * Sends one line per new session, and calls `onOutcomes` with each batch of outcomes that arrives. If `isDryRun` is
 * true, the server stores nothing. Can throw ApiError or ConnectionError even after some outcomes have arrived.
 */
export async function postLines(
  lines: object[],
  onOutcomes: (outcomes: Outcome[]) => void,
  { isDryRun = false } = {},
): Promise<void> {
  const response = await fetchRest(`/api/v1/benefit-imports${isDryRun ? '?dry_run=on' : ''}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-ndjson', Accept: 'application/x-ndjson' },
    body: lines.map(line => `${JSON.stringify(line)}\n`).join(''),
    signal: AbortSignal.timeout(requestMs),
  })
  const texts = (response.body as ReadableStream<BufferSource>).pipeThrough(new TextDecoderStream()).getReader()
  for (let unfinished = ''; ; ) {
    const { done, value = '' } = await texts.read().catch(() => {
      throw connectionError()
    })
    const parts = (unfinished + value).split('\n')
    unfinished = parts.pop() ?? ''
    const said = parts.map(part => JSON.parse(part) as Outcome | LastLine)
    const outcomes = said.filter(line => 'line' in line)
    if (outcomes.length > 0) onOutcomes(outcomes)
    const last = said.find(line => 'done' in line)
    if (last?.done) return
    // Throw a connection error, so that the caller retries with a renewed token. If the token can't be renewed, the
    // server refuses the whole retry.
    if (last?.code === 'unauthenticated') throw connectionError()
    if (last) throw errorOf(last)
    if (done) throw connectionError()
  }
}
