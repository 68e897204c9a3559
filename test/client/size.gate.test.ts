import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { parse } from '@babel/parser'

const root = join(__dirname, '../../..')
const client = join(root, 'packages/client')
const { exports: exported } = JSON.parse(readFileSync(join(client, 'package.json'), 'utf8'))
const entries = Object.keys(exported).filter(name => name !== './package.json')

/** Bundles programs for production. Returns the first chunk of each: what a page loads before it runs. */
async function bundled(programs: string[]): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'size-'))
  const files = programs.map((text, i) => {
    const file = join(folder, `${i}.js`)
    writeFileSync(file, text)
    return file
  })
  const program = `import { build } from 'vite'
    const texts = []
    for (const entry of ${JSON.stringify(files)}) {
      const lib = { entry, formats: ['es'], fileName: 'bundle' }
      const options = { write: false, lib, rollupOptions: { external: ['react'] } }
      const [{ output }] = await build({ configFile: false, logLevel: 'error', build: options })
      texts.push(output[0].code)
    }
    process.stdout.write(JSON.stringify(texts))`
  const run = promisify(execFile)
  const options = { cwd: root, maxBuffer: 8 * 1024 * 1024 }
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program], options)
  rmSync(folder, { recursive: true })
  return JSON.parse(stdout)
}

const pathOf = (entry: string): string => JSON.stringify(join(client, exported[entry].import))

test('the client is below 13 kB, and a program gets only the functions that it imports', async () => {
  const [whole = '', one = '', ...others] = await bundled([
    `export * from ${pathOf('.')}`,
    `export { getCaller } from ${pathOf('./rest')}`,
    ...entries.map(entry => `export * from ${pathOf(entry)}`),
  ])
  expect(gzipSync(whole).length).toBeLessThan(13_000)
  for (const name of ['shareReport(', 'webhookEndpoints', 'benefit-imports', 'text/csv'])
    expect(whole).not.toContain(name)
  expect(one).toContain('benefit-caller')
  expect(one).not.toContain('text/csv')
  // Each further entry by itself, with what it shares with the client.
  expect(entries.length).toBeGreaterThan(5)
  for (const other of others) expect(gzipSync(other).length).toBeLessThan(13_000)
})

test.each(['esm', 'cjs'])(
  'the first statement of the %s entry for React is "use client", and of no other entry',
  format => {
    const first = (entry: string): string | undefined => {
      const path = join(client, exported[entry][format === 'esm' ? 'import' : 'require'])
      const { program } = parse(readFileSync(path, 'utf8'), { sourceType: 'unambiguous' })
      return program.directives[0]?.value.value
    }
    expect(first('./react')).toBe('use client')
    for (const entry of entries)
      if (entry !== './react') expect([entry, first(entry)]).not.toEqual([entry, 'use client'])
  },
)

test('each entry of a capability is exported', () => {
  const folder = join(client, 'src/capabilities')
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(file => /[/\\]entry\.ts$/.test(file))
  const names = files.map(file => `./${file.replace(/[/\\]entry\.ts$/, '')}`)
  expect(names.length).toBeGreaterThan(0)
  expect(entries).toEqual(expect.arrayContaining(names))
})
