import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { describePages } from '../support/pages'
import { serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'
import { until } from '../support/until'

const root = join(__dirname, '../../..')

/** Bundles the package for a page. */
async function bundled(): Promise<string> {
  const outDir = mkdtempSync(join(tmpdir(), 'bundle-'))
  const entry = join(root, 'packages/client/dist/esm/index.js')
  const lib = `{ entry: ${JSON.stringify(entry)}, name: 'client', formats: ['iife'], fileName: () => 'client.js' }`
  const options = `{ configFile: false, logLevel: 'error', build: { outDir: ${JSON.stringify(outDir)}, lib: ${lib} } }`
  const program = `import { build } from 'vite'; await build(${options})`
  await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], { cwd: root })
  const code = readFileSync(join(outDir, 'client.js'), 'utf8')
  rmSync(outDir, { recursive: true })
  return code
}

describePages('the client in a page', pages => {
  const server = serving(embeddedDatabase)
  let page: Page
  beforeAll(async () => {
    const code = await bundled()
    page = await pages.page(server.url)
    await page.evaluate(code)
  })

  const told = (count: number) =>
    until(async () => (await page.evaluate('told.length')) === count, 20_000, `${count} changes`)

  test('follows and changes sessions, and reconnects at once when the device is online again', async () => {
    const { session } = await server.sessions.start({ mentor_id: 'm' })
    const id = session.session_id
    await page.evaluate(`
      globalThis.told = []
      const sessions = new client.SessionsClient({ url: location.origin })
      globalThis.sessions = sessions
      void (async () => {
        for await (const { kind, session } of sessions.followSessions()) told.push([kind, session?.id])
      })()
    `)
    await told(3)
    await page.context().setOffline(true)
    await server.sessions.start({ mentor_id: 'missed' })
    await page.context().setOffline(false)
    await told(4)
    await page.evaluate(`sessions.close({ id: ${JSON.stringify(id)}, version: 1 })`)
    await told(5)
    expect(await page.evaluate('told')).toEqual([
      ['reset', undefined],
      ['snapshot', id],
      ['synced', undefined],
      ['changed', expect.any(String)],
      ['closed', id],
    ])
  })
})
