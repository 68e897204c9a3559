import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix, resolve } from 'node:path'
import { promisify } from 'node:util'
import { figuresOf, pictureOf, ratioOf } from '../scripts/performance-picture'
import { layoutVersion as embeddedLayout } from '../src/db/embedded/layout'
import { layoutVersion as mongoLayout } from '../src/db/mongo/layout'
import { errorCodes, errorRow } from '../src/domain/errors'
import { idempotencyLifetime } from '../src/domain/idempotency-record'
import { openapi } from '../src/rest/description/openapi'
import { version } from '../src/version'
import { resources } from './support/described'
import { fencesOf } from './support/fences'
import { startServer } from './support/server'
import { embeddedDatabase } from './support/stores'
import { Transcript } from './support/transcript'

const root = join(__dirname, '../..')

interface Step {
  command: string
  kind: 'json' | 'http'
  answer: string
}

/** Returns the commands of a document that show their output, in order. */
function stepsOf(file: string): Step[] {
  const fences = fencesOf(readFileSync(join(root, file), 'utf8'))
  return fences.flatMap(({ info, body }, i) => {
    const next = fences[i + 1]
    if (info !== 'sh' || !body.startsWith('curl') || (next?.info !== 'json' && next?.info !== 'http')) return []
    return [{ command: body, kind: next.info, answer: next.body.trim() }]
  })
}

const run = async (script: string): Promise<string> =>
  (await promisify(execFile)('bash', ['-c', script], { timeout: 10_000 })).stdout

/** The least number of commands in pages of the core. */
const leastCommands: Record<string, number> = {
  'docs/reference/calculator.md': 1,
  'docs/reference/rest.md': 8,
  'docs/reference/graphql.md': 3,
}
const references = readdirSync(join(root, 'docs/reference')).map(name => `docs/reference/${name}`)
const withCommands = references.filter(file => stepsOf(file).length > 0)

test.each([...new Set([...Object.keys(leastCommands), ...withCommands])])(
  'the commands of %s give the output that it shows',
  async file => {
    const database = await embeddedDatabase()
    const server = await startServer(database)
    const transcript = new Transcript()
    try {
      const steps = stepsOf(file)
      expect(steps.length).toBeGreaterThanOrEqual(leastCommands[file] ?? 1)
      for (const { command, kind, answer } of steps) {
        const script = transcript.resolved(command).replaceAll('http://127.0.0.1:4000', server.url)
        const got = await run(script)
        if (kind === 'json') {
          transcript.compare(answer, got)
          continue
        }
        const [head = '', body = ''] = got.split('\r\n\r\n', 2)
        const [shownHead = '', shownBody = ''] = answer.split('\n\n', 2)
        const lines = head.split('\r\n')
        for (const line of shownHead.split('\n')) {
          const name = line.split(':', 1)[0] ?? ''
          transcript.compare(line, lines.find(other => other.startsWith(name)) ?? '')
        }
        transcript.compare(shownBody, body.replaceAll('\r\n', '\n'))
      }
    } finally {
      await server.stop()
      await database.drop()
    }
  },
)

/** Returns the anchors that GitHub makes from a page's headings. */
const anchorsOf = (text: string): string[] =>
  [...text.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  )

test('every link between pages leads to an existing page and heading', () => {
  const inFolder = (folder: string) =>
    readdirSync(join(root, folder))
      .filter(name => name.endsWith('.md'))
      .map(name => join(folder, name))
  const pages = [
    '.',
    'docs',
    'docs/how-to',
    'docs/quickstart',
    'docs/operations',
    'docs/reference',
    'docs/decisions',
    'docs/screenshots',
    'bench/results',
    'test/faults',
    'src',
  ].flatMap(inFolder)
  const lost = pages.flatMap(page => {
    const text = readFileSync(join(root, page), 'utf8').replace(/^```.*?^```$/gms, '')
    const links = [...text.matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)]
    return links.flatMap(([, path = '', anchor]) => {
      const target = path === '' ? join(root, page) : resolve(root, dirname(page), path)
      if (!existsSync(target)) return [`${page}: ${path}`]
      return !anchor || anchorsOf(readFileSync(target, 'utf8')).includes(anchor) ? [] : [`${page}: ${path}#${anchor}`]
    })
  })
  expect(pages.length).toBeGreaterThan(30)
  expect(lost).toEqual([])
})

test('the figures of docs/performance.md are those of the results, and its picture shows them', () => {
  const docs = join(root, 'docs')
  const page = readFileSync(join(docs, 'performance.md'), 'utf8')
  const figures = figuresOf(page)
  const resultsIn = (source: string) => readFileSync(join(docs, source), 'utf8').match(/\d[\d,.]*/g)
  expect(figures).toHaveLength(10)
  for (const { source, ours, other } of figures)
    expect(resultsIn(source)).toEqual(expect.arrayContaining([ours.text, other.text]))
  expect(figures.map(({ ratio }) => ratio)).toEqual(figures.map(ratioOf))
  expect(readFileSync(join(docs, 'performance.svg'), 'utf8')).toBe(pictureOf(page))
})

test('the sums in docs/faults.md are those of the recorded runs, without the imports', () => {
  const read = (file: string) => readFileSync(join(root, file), 'utf8')
  const rows = [...read('test/faults/results.md').matchAll(/^\| ([a-z].*?) \| ([\d,]+) \| ([\d,]+) \| ([\d,]+) \|/gm)]
  const counted = rows.filter(([, fault = '']) => !fault.startsWith('imports'))
  expect([rows.length, counted.length]).toEqual([12, 10])
  const [faults, writes, deliveries] = [2, 3, 4].map(column =>
    counted.reduce((sum, row) => sum + Number(row[column]?.replaceAll(',', '')), 0).toLocaleString('en'),
  )
  expect(read('docs/faults.md').replace(/\s+/g, ' ')).toContain(
    `cover ${faults} faults, ${writes} acknowledged writes and ${deliveries} deliveries`,
  )
})

test('the changelog, the npm client, the commands of the docs and docs/reference/versions.md are of this version', async () => {
  const read = (file: string) => readFileSync(join(root, file), 'utf8')
  expect(JSON.parse(read('packages/client/package.json')).version).toBe(version)
  expect(read('CHANGELOG.md').match(/^## (\S+)/m)?.[1]).toBe(version)
  const named = /(?:benefit-sessions(?:-client)?[-:]|newTag: )(\d+\.\d+\.\d+)/g
  const { stdout } = await promisify(execFile)('git', ['grep', '-lE', 'benefit-sessions(-client)?[-:][0-9]|newTag:'], {
    cwd: root,
  })
  const files = stdout.trim().split('\n')
  expect(files.length).toBeGreaterThan(8)
  for (const file of files)
    for (const [text, found] of read(file).matchAll(named)) expect([file, text, found]).toEqual([file, text, version])
  const table = read('docs/reference/versions.md').split('\n## Stores\n')[1] ?? ''
  const lastColumn = table
    .split('\n')
    .filter(line => line.startsWith('| '))
    .map(line => line.split('|').at(-2)?.trim())
  expect(lastColumn).toEqual([version, `${embeddedLayout}`, `${mongoLayout}`])
})

test('every text that names the lifetime of an idempotency key names its whole rule', () => {
  const files = ['docs/reference/rest.md', 'docs/reference/graphql.md', 'packages/client/README.md', 'schema.graphql']
  const texts = files.map(file => [file, readFileSync(join(root, file), 'utf8')] as const)
  for (const [name, text] of [...texts, ['/openapi.json', JSON.stringify(openapi(resources))] as const]) {
    const plain = text.replace(/\s+/g, ' ')
    expect([name, plain.split(`for ${idempotencyLifetime}`).length]).not.toEqual([name, 1])
    expect([name, plain.replaceAll(idempotencyLifetime, '')]).not.toEqual([name, expect.stringContaining('24 hours')])
  }
  expect(idempotencyLifetime).toBe('24 hours, or until the same session has had 100 further requests with other keys')
})

const pagesOfDocs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.md'))
  .map(name => [name, readFileSync(join(root, 'docs', name), 'utf8')] as const)

/** Returns the first groups of all matches, without duplicates, in alphabetical order. */
const foundIn = (text: string, pattern: RegExp): string[] =>
  [...new Set([...text.matchAll(pattern)].map(([, found = '']) => found))].sort()

test('the docs name all stored collections, and the tables of webhooks', () => {
  const read = (file: string) => readFileSync(join(root, file), 'utf8')
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts'))
    .map(name => read(`src/${name}`))
  const collections = sources.flatMap(source =>
    foundIn(source, /\.collection(?:<[^(]*>)?\(([^)]+)\)/g).flatMap(argument =>
      argument.startsWith("'")
        ? argument.slice(1, -1)
        : foundIn(source, new RegExp(`^const ${argument} = '(\\w+)'`, 'gm')),
    ),
  )
  const rows = read('docs/operations/data.md').split('\n## What is stored\n')[1] ?? ''
  const [, ofWebhooks = '', tables = ''] =
    read('docs/reference/webhooks.md').match(
      /MongoDB has the collections(.*?)The embedded file has the tables(.*?)\./s,
    ) ?? []
  expect([...foundIn(rows, /^\| `(\w+)` \|/gm), ...foundIn(ofWebhooks, /`(\w+)`/g)].sort()).toEqual(
    [...new Set(collections)].sort(),
  )
  expect(foundIn(tables, /`(\w+)`/g)).toEqual(foundIn(sources.join('\n'), /CREATE TABLE IF NOT EXISTS (webhook_\w+)/g))
})

test('docs/operations/proxies.md names the methods of REST', () => {
  const [, page = ''] = pagesOfDocs.find(([name]) => name === 'operations/proxies.md') ?? []
  const [, named = ''] = page.match(/\*\*Methods\*\*: allow ([^.]+)\./) ?? []
  const described = Object.values(openapi(resources).paths as Record<string, object>).flatMap(path => Object.keys(path))
  const methods = new Set([...described.map(method => method.toUpperCase()), 'HEAD', 'OPTIONS'])
  expect(foundIn(named, /([A-Z]+)/g)).toEqual([...methods].sort())
})

test('every error code of the docs exists and has the status beside it', () => {
  const named = pagesOfDocs.flatMap(([name, text]) =>
    [...text.matchAll(/\b([45]\d\d)\s(`\w+`(?:\sor\s`\w+`)*)/g)].flatMap(([, status, codes = '']) =>
      foundIn(codes, /`(\w+)`/g).map(code => `${name}: ${status} ${code.toLowerCase()}`),
    ),
  )
  const known = new Set(errorCodes().map(code => `${errorRow(code).status} ${code}`))
  expect(named.length).toBeGreaterThan(10)
  expect(named.filter(one => !known.has(one.replace(/^.*: /, '')))).toEqual([])
})

test('every REST path of the docs is the path of a resource', () => {
  const templates = resources
    .flatMap(({ path }) => path)
    .map(path => new RegExp(`^${path.replaceAll('.', '\\.').replace(/:\w+/g, '[^/]+')}$`))
  const named = pagesOfDocs.flatMap(([name, text]) =>
    foundIn(text, /(\/api\/v1\/[\w:{}$./-]*[\w}])/g).map(path => [name, path] as const),
  )
  expect(named.length).toBeGreaterThan(30)
  expect(named.filter(([, path]) => !templates.some(template => template.test(path)))).toEqual([])
})

/** Folders of the npm packages, with the least number of pages in each. */
test.each([
  ['.', 50],
  ['packages/client', 1],
])('every link in the pages of the npm package in %s leads into the package', async (folder, least) => {
  const cwd = join(root, folder)
  const pack = ['pack', '--dry-run', '--json', '--ignore-scripts']
  const { stdout } = await promisify(execFile)('npm', pack, { cwd, maxBuffer: 16 * 1024 * 1024 })
  const listed = JSON.parse(stdout) as { files: { path: string }[] }[] | Record<string, { files: { path: string }[] }>
  const packed = Object.values(listed).flatMap(({ files }) => files.map(({ path }) => path))
  const folders = packed.flatMap(path => path.split('/').map((_, i, parts) => parts.slice(0, i).join('/')))
  const targets = new Set([...packed, ...folders])
  const pages = packed.filter(path => path.endsWith('.md'))
  const lost = pages.flatMap(page => {
    const text = readFileSync(join(cwd, page), 'utf8').replace(/^```.*?^```$/gms, '')
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)|(?:src|srcset|href)="(?!https?:|#)([^"#]+)/g)]
    return links
      .map(([, link, image]) => posix.join(posix.dirname(page), (link ?? image) as string))
      .filter(path => !targets.has(path.replace(/\/$/, '')))
      .map(path => `${page}: ${path}`)
  })
  expect(pages.length).toBeGreaterThanOrEqual(least)
  expect(lost).toEqual([])
})
