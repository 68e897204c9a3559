import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { missingFor, runPage } from './page'
import { reasonToSkip } from './steps'

const root = join(__dirname, '../../..')
const folder = 'docs/quickstart'
const quickstarts = readdirSync(join(root, folder)).filter(name => name !== 'README.md')
const paths = ['README.md', ...quickstarts.map(name => join(folder, name))]
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

/** Most of it installs packages. */
const pageMs = 300_000

const print = (path: string, what: string, reason: string): void =>
  void process.stderr.write(`${path}: skipped ${what}: ${reason}\n`)

for (const path of paths) {
  const page = read(path)
  const reason = reasonToSkip(page) ?? missingFor(page)
  if (reason) print(path, 'the page', reason)
  const works = (): Promise<void> =>
    runPage(page, (code, reason) => print(path, JSON.stringify(code.split('\n', 1)[0]), reason))
  ;(reason ? test.skip : test)(`${path} works as it says, from an empty folder`, works, pageMs)
}

test('the table of docs/quickstart/README.md has every page', () => {
  const linked = [...read(join(folder, 'README.md')).matchAll(/^\|[^|]+\| \[[^\]]*\]\(([^)]+)\) \|/gm)].map(
    ([, name]) => name,
  )
  expect(linked).toEqual(expect.arrayContaining(quickstarts))
})
