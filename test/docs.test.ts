import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { startServer } from './support/server'
import { embeddedPlace } from './support/stores'

interface Step {
  command: string
  kind: 'json' | 'http'
  answer: string
}

/** The commands of a document that show their answer, in order. */
function stepsOf(file: string): Step[] {
  const text = readFileSync(join(__dirname, '../..', file), 'utf8')
  const blocks = [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, kind, body]) => ({ kind, body: body ?? '' }))
  return blocks.flatMap(({ kind, body }, i) => {
    const next = blocks[i + 1]
    if (kind !== 'sh' || !body.startsWith('curl') || (next?.kind !== 'json' && next?.kind !== 'http')) return []
    return [{ command: body, kind: next.kind, answer: next.body.trim() }]
  })
}

// What differs from run to run: ids, cursors and times. An id that a document shows stands for the same one throughout.
const varying =
  /session_[0-9a-f]{8}|calc_[0-9a-f]{8}|[0-9a-f]{16}\.\d{15}[0-9a-f]{9}\.\d+|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g

const run = async (script: string): Promise<string> =>
  (await promisify(execFile)('bash', ['-c', script], { timeout: 10_000 })).stdout

class Transcript {
  readonly #actual = new Map<string, string>()

  /** Holds that two texts are the same but for what varies, and learns what the document's ids stand for. */
  compare(shown: string, got: string): void {
    expect(got.trim().replace(varying, '…')).toBe(shown.replace(varying, '…'))
    const values = got.match(varying) ?? []
    for (const [i, value] of (shown.match(varying) ?? []).entries()) {
      if (!value.endsWith('Z')) this.#actual.set(value, values[i] ?? '')
    }
  }

  resolved = (text: string): string => text.replace(varying, value => this.#actual.get(value) ?? value)
}

test.each(['README.md', 'docs/rest.md', 'docs/graphql.md'])(
  'the commands of %s give the answers that it shows',
  async file => {
    const place = await embeddedPlace()
    const server = await startServer(place)
    const transcript = new Transcript()
    try {
      const steps = stepsOf(file)
      expect(steps.length).toBeGreaterThanOrEqual(4)
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
      await place.drop()
    }
  },
)

/** The anchors that GitHub makes of a page's headings. */
const anchorsOf = (text: string): string[] =>
  [...text.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  )

test('every link from one page to another leads to a page, and to a heading of it', () => {
  const root = join(__dirname, '../..')
  const inFolder = (folder: string) =>
    readdirSync(join(root, folder))
      .filter(name => name.endsWith('.md'))
      .map(name => join(folder, name))
  const pages = ['.', 'docs', 'docs/operations', 'docs/decisions'].flatMap(inFolder)
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
