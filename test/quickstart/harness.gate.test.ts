import { runPage } from './page'

/** The text of a quickstart with these blocks. */
const page = (...blocks: string[]): string => ['# Quickstart: a test', ...blocks].join('\n\n')
const block = (info: string, ...lines: string[]): string => [`\`\`\`${info}`, ...lines, '```'].join('\n')

/** Runs a page, and returns the blocks that were skipped, with their reasons. */
async function skippedOf(...blocks: string[]): Promise<string[]> {
  const skipped: string[] = []
  await runPage(page(...blocks), (code, reason) => skipped.push(`${code.trim()}: ${reason}`))
  return skipped
}

const sessions = 'http://127.0.0.1:4000/api/v1/benefit-calculator-sessions'
const start = `curl -s ${sessions} -H 'Content-Type: application/json' -d '{"mentor_id": "m"}'`
const started = (state: string): string =>
  `{"session_id": "session_00000001", "mentor_id": "m", "state": "${state}", "last_event": null, "result_id": null, "created_at": "2026-01-01T00:00:00Z", …}`

test('a page passes if its commands print what it shows, and its files and variables last to its end', async () => {
  const blocks = [
    block('sh', start),
    block('json', started('initial')),
    'Save this as `id.txt`:',
    block('text', 'session_00000001'),
    block('sh', 'id=$(cat id.txt)'),
    block('sh', `curl -s ${sessions}/$id`),
    block('json', started('initial')),
  ]
  expect(await skippedOf(...blocks)).toEqual([])
})

test.each([
  ['an output of a command is wrong', [block('sh', start), block('json', started('loaded'))], /initial/],
  [
    'an output has the wrong kind of id',
    [block('sh', 'echo calc_00000001'), block('text', 'session_00000001')],
    /‹result›/,
  ],
  ['a command fails', [block('sh', 'echo why >&2; false; echo on')], /These commands failed:.*why/s],
  [
    'a background block prints something else',
    [block('sh background', 'echo no; exit 3'), block('text', 'yes')],
    /ended with 3/,
  ],
  ['it has a block that is not run', [block('js', 'neverRun()')], /neverRun/],
  ['it shows an output of no command', [block('text', 'nobody said this')], /nobody said this/],
  ['it starts the server in another way', [block('sh server', 'npm run serve')], /npm run serve/],
  ['the server does not start', [block('sh server', 'AUTH_KEYS=keys.json npm start')], /keys.json/],
])('a page fails if %s', async (_, blocks, message) => {
  await expect(runPage(page(...blocks), () => {})).rejects.toThrow(message)
})

test('a server of the page gets the variables of the block, and one that follows takes its place', async () => {
  await skippedOf(
    block('sh server', "SESSIONS_PER_MENTOR='1' npm start"),
    block('sh', `${start} >/dev/null`, start),
    block('json', '{…"code":"limit_reached"…}'),
    block('sh server', 'npm start'),
    block('sh', start),
    block('json', started('initial')),
  )
})

test('a background block runs until the end of the page, and what it prints later is compared', async () => {
  await skippedOf(
    block('sh background', 'echo begun; tail -n +1 -f --retry lines.txt 2>/dev/null'),
    block('text', 'begun'),
    block('sh', 'echo one >>lines.txt'),
    block('text background', 'one'),
    block('sh', 'echo two >>lines.txt'),
    block('text background', 'two'),
  )
})

test('a block below a comment is skipped with its output, and the reason is told', async () => {
  const blocks = ['<!-- it needs docker -->', block('sh', 'docker run'), block('text', 'running'), block('sh', 'true')]
  expect(await skippedOf(...blocks)).toEqual(['docker run: it needs docker'])
})

test('a package that a page names is in the folder, and nothing else', async () => {
  await skippedOf(block('sh', 'ls'), block('text', ''))
  await skippedOf(
    block('sh', 'ls # benefit-sessions-client-2.0.0.tgz'),
    block('text', 'benefit-sessions-client-2.0.0.tgz'),
  )
})

test('each port of a page is replaced by a free one, wherever the page names it', async () => {
  await skippedOf(
    'Open http://localhost:5173.',
    block('sh', `[ 5173 != 51''73 ] && echo 127.0.0.1:5173`),
    block('text', '127.0.0.1:5173'),
  )
})
