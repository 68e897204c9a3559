import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { entriesOf, keyDigest } from '../../src/access/service-key'
import { capabilityCommands } from '../../src/capabilities/commands'
import { describedVariables } from '../../src/startup/config'
import { HostileReceiver } from '../support/hostile-receiver'
import { run } from '../support/process'

const main = join(__dirname, '../../src/main.js')

/** Starts the program with these arguments. Returns its exit code and output. */
const started = (args: string[], env: Record<string, string> = {}) =>
  new Promise<{ code: number; said: string; errors: string }>(resolve => {
    execFile(process.execPath, [main, ...args], { env }, (error, said, errors) =>
      resolve({ code: error ? Number(error.code) : 0, said, errors }),
    )
  })

const sentence = (text: RegExp) => ({
  code: 1,
  said: '',
  errors: expect.stringMatching(new RegExp(`^${text.source}[^\\n]*\\.\\n$`)),
})

test('--help explains every variable', async () => {
  const { code, said } = await started(['--help'])
  expect(code).toBe(0)
  const explained = said.split('\n').map(line => line.split(/ {2,}/))
  for (const { name, initial, text } of describedVariables()) {
    expect(text).not.toBe('')
    expect(explained).toContainEqual([name, ...(initial ? [initial] : []), expect.stringMatching(/^[^`[\]]{15,}$/)])
  }
})

test('the page about configuration has a row for every variable, as the schemas say', () => {
  const page = readFileSync(join(__dirname, '../../../docs/operations/configuration.md'), 'utf8')
  const rows = page.match(/^\| `[A-Z_]+` \|.*$/gm)
  const row = (cells: string[]): string => `| ${cells.join(' | ')} |`
  expect(rows).toEqual(
    describedVariables().map(({ name, initial, text }) => row([`\`${name}\``, initial && `\`${initial}\``, text])),
  )
})

test('--help begins with the usage, and lists every option', async () => {
  const { said } = await started(['--help'])
  expect(said.split('\n').slice(0, 10 + 2 * capabilityCommands.length)).toEqual([
    'Usage: benefit-sessions [option]',
    '       benefit-sessions key --name NAME --role ROLE [--organisation ID] [--mentor ID] [--expires DATE]',
    ...capabilityCommands.map(({ usage }) => `       benefit-sessions ${usage}`),
    '',
    'Without an option, starts the server that these environment variables configure.',
    '',
    '-h, --help     prints this text',
    '-v, --version  prints the version',
    '--health       checks whether the server with this configuration is alive',
    'key            creates a service key, and prints it with its entry for the key file (AUTH_KEYS)',
    ...capabilityCommands.map(({ name, explanation }) => `${name.padEnd(15)}${explanation}`),
    '',
  ])
})

test.each<[string, string]>([
  ['-h', '--help'],
  ['-v', '--version'],
  ['key --help', '--help'],
  ...capabilityCommands.map(({ name }): [string, string] => [`${name} file.csv -h`, '--help']),
])('%s prints the same as %s', async (short, long) => {
  const ends = await Promise.all([started(short.split(' ')), started([long])])
  expect(ends[0]).toEqual(ends[1])
  expect(ends[0]).toMatchObject({ code: 0, errors: '', said: expect.stringMatching(/^\S.*\n$/s) })
})

test('--health says whether the server configured by the same variables is alive', async () => {
  const server = run({})
  const { port } = new URL(await server.listening())
  const env = { PORT: port, HOST: '0.0.0.0', PUBLIC: 'on' }
  expect(await started(['--health'], env)).toEqual({ code: 0, said: 'ok\n', errors: '' })
  await server.stop()
  expect(await started(['--health'], { PORT: port })).toEqual(
    sentence(new RegExp(`No response from port ${port} on 127\\.0\\.0\\.1: `)),
  )
})

test('--health fails for another server, and for one that does not answer', async () => {
  const other = createServer((request, response) => {
    if (request.headers.host?.startsWith('localhost')) return
    response.writeHead(404).end()
  }).listen(0, '127.0.0.1')
  await once(other, 'listening')
  const PORT = String((other.address() as AddressInfo).port)
  const ends = await Promise.all([started(['--health'], { PORT }), started(['--health'], { PORT, HOST: 'localhost' })])
  expect(ends).toEqual([
    sentence(/\/healthz returned status 404/),
    sentence(/No response from port \d+ on localhost: /),
  ])
  other.closeAllConnections()
  other.close()
})

test('--health fails for a server whose response does not end', async () => {
  const endless = await HostileReceiver.start({ slowly: `HTTP/1.1 200 OK\r\nA: ${'a'.repeat(10_000)}` })
  const end = await started(['--health'], { PORT: new URL(endless.url).port })
  expect(end).toEqual(sentence(/No response from port \d+ on 127\.0\.0\.1: /))
  await endless.stop()
})

test('key prints a new key once, and its entry for the file', async () => {
  const args = ['key', '--name', 'BI export', '--role=mentor', '--organisation', 'org_42', '--mentor', 'mentor_1']
  const { code, said, errors } = await started([...args, '--expires', '2099-03-31'])
  expect([code, errors]).toEqual([0, ''])
  const [key = '', ...others] = said.match(/bsk_[\w-]+/g) ?? []
  expect(others).toEqual([])
  expect(said.split('\n')).toContain(key)
  expect(entriesOf(`[${said.slice(said.indexOf('{'))}]`)).toEqual([
    {
      name: 'BI export',
      sha256: keyDigest(key),
      role: 'mentor',
      organisation_id: 'org_42',
      mentor_id: 'mentor_1',
      expires: '2099-03-31',
    },
  ])
})

test.each([
  [[], '--name is required. Try --help.'],
  [['--name', 'n', '--role', 'reader'], '--organisation is required for the role reader. Try --help.'],
  [['--name', 'n', '--role', 'owner'], '--role must be one of admin, coordinator, mentor, reader. Try --help.'],
  [['--name'], "Option '--name <value>' argument missing. Try --help."],
  [['--foo'], "Unknown option '--foo'. Try --help."],
  [['foo'], "Unexpected argument 'foo'. Try --help."],
])('key refuses the arguments %j', async (args, errors) => {
  expect(await started(['key', ...args])).toEqual({ code: 1, said: '', errors: `${errors}\n` })
})

test.each([
  [['--foo'], 'Unknown option --foo. Try --help.'],
  [['-x'], 'Unknown option -x. Try --help.'],
  [['serve'], 'Unknown option serve. Try --help.'],
  [['toString'], 'Unknown option toString. Try --help.'],
  [['--help', '--foo'], 'Unknown option --foo. Try --help.'],
  [['--foo', 'bar'], 'Unknown options --foo bar. Try --help.'],
  [['--help', '--version'], 'Use one option at a time, not --help --version. Try --help.'],
])('the arguments %j are refused', async (args, errors) => {
  expect(await started(args)).toEqual({ code: 1, said: '', errors: `${errors}\n` })
})
