import fc from 'fast-check'
import { loggedPath } from '../../src/http/logged-path'
import { base } from '../support/interfaces'
import { head, RawClient } from '../support/raw'
import { serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'
import { until } from '../support/until'

const server = serving(embeddedDatabase)

test.each([
  ['/', '/'],
  ['/healthz', '/healthz'],
  ['/healthz/', '/healthz'],
  ['/healthz?a=b', '/healthz'],
  ['/graphql/stream', '/graphql/stream'],
  [`${base}/session_1a2b3c4d`, `${base}/session_1a2b3c4d`],
  [`${base}/session_1a2b3c4d/results/calc_1a2b3c4d`, `${base}/session_1a2b3c4d/results/calc_1a2b3c4d`],
  [base + base, base + base],
  [`http://h${base}/session_1a2b3c4d?x`, `${base}/session_1a2b3c4d`],
  [`${base}/Smith`, `${base}/…`],
  [`${base}/Smith/events`, `${base}/…/events`],
  ['/sessions/session_1a2b3c4d', '/sessions/session_1a2b3c4d'],
  [`${base}/session_1a2b3c4d/shares`, `${base}/session_1a2b3c4d/shares`],
  [`${base}/session_1a2b3c4d/shares/Smith`, `${base}/session_1a2b3c4d/shares/…`],
  [`${base}/session_1a2b3c4d/shares/session_1a2b3c4d`, `${base}/session_1a2b3c4d/shares/…`],
  [`${base}${base}/session_1a2b3c4d/shares/Smith`, `${base}${base}/session_1a2b3c4d/shares/…`],
  ['/shared/Smith', '/shared/…'],
  ['/shared/session_1a2b3c4d', '/shared/…'],
  ['/shared/Smith/events', '/shared/…/…'],
  ['/api/v1/benefit-mentors/events', '/api/v1/benefit-mentors/…'],
  ['/api/v1/benefit-mentors/Ann/Smith/more', '/api/v1/benefit-mentors/…/…'],
  ['/shared;a/Smith', '/…'],
  ['//shared/Smith', '/…'],
  ['/healthz#Smith', '/…'],
  ['/nothing', '/…'],
  ['*', '/…'],
])('%s is logged as %s', (target, logged) => {
  expect(loggedPath(target)).toBe(logged)
})

const hex = (text: string, isUpper: boolean): string =>
  [...Buffer.from(text)]
    .map(byte => `%${byte.toString(16).padStart(2, '0')}`)
    .join('')
    [isUpper ? 'toUpperCase' : 'toLowerCase']()

/** Percent-encodes some characters of a text, up to `times` times. A character that no target may contain, always. */
const encoded = (text: string, choices: number[], isUpper: boolean): string =>
  [...text]
    .map((character, i) => {
      const times = /[\w-]/.test(character) ? choices[i % choices.length] : 1 + (choices[i % choices.length] ?? 0)
      let shown = character
      for (let n = 0; n < (times ?? 0); n++) shown = n === 0 ? hex(shown, isUpper) : shown.replaceAll('%', '%25')
      return shown
    })
    .join('')

function decodedAll(text: string): string[] {
  const forms = [text]
  for (let last = ''; last !== forms.at(-1); ) {
    last = forms.at(-1) ?? ''
    const bytes = last.replace(/(?:%[\da-f]{2})+/gi, run => Buffer.from(run.replaceAll('%', ''), 'hex').toString())
    if (bytes !== last) forms.push(bytes)
  }
  return forms
}

const places = [
  '/NAME',
  '/NAME/more',
  `${base}/NAME`,
  `${base}/session_1a2b3c4d/NAME`,
  `${base}/session_1a2b3c4d/results/NAME`,
  `${base}/session_1a2b3c4d/shares/NAME`,
  `${base}/session_1a2b3c4d/shares/NAME/more`,
  `${base}/session_1a2b3c4d/shares;NAME`,
  `${base}/session_1a2b3c4d;NAME/events`,
  `${base}?mentor_id=NAME`,
  '/api/v1/benefit-mentors/NAME',
  '/api/v1/benefit-mentors/NAME/more',
  '/api/v1/benefit-mentors;v=1/NAME',
  '/api/v1/benefit-mentors;NAME',
  '/api/v1/benefit-mentors//NAME',
  '/api/v1/benefit%2Dmentors/NAME',
  '/api/v1/benefit-mentors%2FNAME',
  '/api/v1/benefit-mentors%252FNAME',
  '/api/v1/benefit-mentorsNAME',
  '/shared/NAME',
  '/shared/x/../NAME',
  '/%2573hared/NAME',
  '/Shared/NAME',
  '/shared;NAME/x',
  '/problems/NAME',
  '/docs/NAME',
  '/assets/NAME.js',
  '/sessions/NAME',
  '/graphql/NAME',
  '/graphql?query=NAME',
  '/healthz#NAME',
  '/healthz?NAME',
  'http://h/shared/NAME',
  'http://NAME/shared/x',
  'http://NAME@h/healthz',
  'ftp://h/NAME',
]

test('the log contains no name or token of a target, wherever it is in it and however it is encoded', async () => {
  const name = fc
    .stringMatching(/^[A-Z][\w-]{7,30}$/)
    .chain(text => fc.constantFrom(text, `${text} é`, `${text}/${text}`))
  const choices = fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 8 })
  const method = fc.constantFrom('GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'PATCH')
  let sent = 0
  const ask = fc.asyncProperty(
    fc.constantFrom(...places),
    name,
    choices,
    fc.boolean(),
    method,
    fc.boolean(),
    async (place, text, times, isUpper, verb, isUpgrade) => {
      const target = place.replace('NAME', () => encoded(text, times, isUpper))
      const lines = server.log.length
      const client = await RawClient.connect(server.url)
      const upgrade = isUpgrade && verb === 'GET'
      const fields = upgrade ? ['Connection: Upgrade', 'Upgrade: websocket'] : ['Connection: close']
      client.send(head(`${verb} ${target}`, ...fields))
      await client.until('HTTP/1.1 ')
      client.socket.destroy()
      await until(
        () => server.log.length > lines,
        20_000,
        () => `a line for ${target}`,
      )
      sent++
      const log = decodedAll(JSON.stringify(server.log.slice(lines)))
      for (const form of log)
        for (const part of text.split(/[ /]/)) if (part.length > 3) expect(form).not.toContain(part)
    },
  )
  await fc.assert(ask, { numRuns: 300 })
  expect(sent).toBe(300)
})
