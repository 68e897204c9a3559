import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

const folder = join(__dirname, '../../../dashboard')

/** Returns the scripts that a page loads before it runs: its own, and those that they import. */
function firstScripts(page: string): string[] {
  const found = new Set([...page.matchAll(/assets\/[\w-]+\.js/g)].map(([name]) => name))
  for (const name of found) {
    const script = readFileSync(join(folder, name), 'utf8')
    for (const [, imported] of script.matchAll(/(?:from|import)\s*"\.\/([\w-]+\.js)"/g)) found.add(`assets/${imported}`)
  }
  return [...found]
}

test('the dashboard’s first scripts are at most 100 kB compressed', () => {
  const scripts = firstScripts(readFileSync(join(folder, 'index.html'), 'utf8'))
  const bytes = scripts.reduce((sum, name) => sum + gzipSync(readFileSync(join(folder, name))).length, 0)
  expect(scripts.length).toBeGreaterThan(1)
  expect(bytes).toBeGreaterThan(20_000)
  expect(bytes).toBeLessThanOrEqual(100_000)
})
