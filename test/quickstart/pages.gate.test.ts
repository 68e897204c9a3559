import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { missingFor, runPage } from './page'
import { reasonToSkip } from './steps'

const folder = join(__dirname, '../../../docs/quickstart')
const names = readdirSync(folder).filter(name => name !== 'README.md')
const read = (name: string): string => readFileSync(join(folder, name), 'utf8')

/** Most of it installs packages. */
const pageMs = 300_000

const print = (name: string, what: string, reason: string): void =>
  void process.stderr.write(`docs/quickstart/${name}: skipped ${what}: ${reason}\n`)

for (const name of names) {
  const page = read(name)
  const reason = reasonToSkip(page) ?? missingFor(page)
  if (reason) print(name, 'the page', reason)
  const works = (): Promise<void> =>
    runPage(page, (code, reason) => print(name, JSON.stringify(code.split('\n', 1)[0]), reason))
  ;(reason ? test.skip : test)(`docs/quickstart/${name} works as it says, from an empty folder`, works, pageMs)
}

test('the table of docs/quickstart/README.md has every page', () => {
  const linked = [...read('README.md').matchAll(/^\|[^|]+\| \[[^\]]*\]\(([^)]+)\) \|/gm)].map(([, name]) => name)
  expect(linked).toEqual(expect.arrayContaining(names))
})
