import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { bundled } from '../../client/bundled'
import { ClientProgram, printCode } from '../../support/client-program'
import { describePages } from '../../support/pages'
import { serving } from '../../support/server'
import { embeddedDatabase } from '../../support/stores'
import { until } from '../../support/until'

const server = serving(embeddedDatabase)

test('a Node.js process ends by itself when the server refuses to follow a summary with an unknown filter', async () => {
  const call = 'client.followSummary({ filter: { nothing: 1 } })'
  const program = new ClientProgram(server.url, `try { for await (const _ of ${call}); } ${printCode}`)
  expect(await program.linesAtEnd()).toEqual(['BAD_USER_INPUT'])
})

describePages('the hook for React', pages => {
  test('shows the summary as it is, and each change', async () => {
    const code = await bundled(join(__dirname, '../../../../test/capabilities/totals/react-page.jsx'), 'development')
    // A page without the dashboard, which has a socket of its own.
    const page = await pages.page(`${server.url}/healthz`)
    await page.evaluate(code)
    for (let sessions = 0; sessions < 2; sessions++) {
      const expected = { isLoading: false, isLive: true, error: null, sessions }
      const shown = async () =>
        JSON.parse(String(await page.evaluate("document.querySelector('#summary')?.textContent ?? 'null'")))
      await until(async () => isDeepStrictEqual(await shown(), expected), 30_000, `${sessions} sessions`)
      await server.sessions.start({ mentor_id: 'summed' })
    }
  })
})
