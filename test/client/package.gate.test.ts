import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'

const root = join(__dirname, '../../..')
const folder = mkdtempSync(join(tmpdir(), 'client-'))
const installed = join(folder, 'node_modules/benefit-sessions-client')
let packed = ''
const run = promisify(execFile)
const server = serving(embeddedDatabase)

const { exports: exported } = JSON.parse(readFileSync(join(root, 'packages/client/package.json'), 'utf8'))
/** The modules of the package, as a program imports them. */
const entries = Object.keys(exported).flatMap(name =>
  name === './package.json' ? [] : [`benefit-sessions-client${name.slice(1)}`],
)

const versionOf = (name: string): string =>
  JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')).version

beforeAll(async () => {
  // Packs the existing build.
  const pack = ['pack', '--ignore-scripts', '--pack-destination', folder, join(root, 'packages/client')]
  packed = join(folder, (await run('npm', pack, { cwd: folder })).stdout.trim())
  const others = ['graphql-ws', 'ws', '@types/ws'].map(name => `${name}@${versionOf(name)}`)
  writeFileSync(join(folder, 'package.json'), '{ "private": true }')
  const quiet = ['--no-audit', '--no-fund', '--prefer-offline']
  await run('npm', ['install', ...quiet, packed, ...others], { cwd: folder })
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true }))

/** The program in the package's README, which follows sessions and changes one. */
function program(): string {
  const [, code = ''] = /```ts\n(.*?)```/s.exec(readFileSync(join(root, 'packages/client/README.md'), 'utf8')) ?? []
  return code.replace('http://127.0.0.1:4000', server.url)
}

const asCommonJs = (code: string): string =>
  `${code.replaceAll(/^import (.*) from (.*)$/gm, 'const $1 = require($2)').replace(/(.*require[^\n]*\n\n)/s, '$1;(async () => {\n')}})()`

test('the package has its program and types, and needs graphql-ws, and React only for the hooks', async () => {
  const own = readdirSync(installed, { recursive: true, encoding: 'utf8' }).filter(name => /\.\w+$|LICENSE/.test(name))
  expect(
    own.filter(name => !/^dist\/(esm|cjs)\/(capabilities\/([\w-]+\/)?)?[\w-]+(\.d)?\.[jt]s$/.test(name)).toSorted(),
  ).toEqual(['README.md', 'dist/LICENSE', 'dist/cjs/package.json', 'dist/esm/package.json', 'package.json'])
  const stated = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))
  expect(stated.dependencies).toBeUndefined()
  expect(Object.keys(stated.peerDependencies)).toEqual(['graphql', 'graphql-ws', 'react'])
  expect(stated.peerDependenciesMeta).toEqual({ react: { optional: true } })
  await run('npm', ['ls', '--all'], { cwd: folder }) // fails for a superfluous or missing package
})

test('the package says its version, which is the one of the server', async () => {
  const { stdout } = await run(process.execPath, ['-p', "require('benefit-sessions-client/package.json').version"], {
    cwd: folder,
  })
  expect(stdout.trim()).toBe(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version)
})

test('publint finds nothing in the package', async () => {
  const env = { ...process.env, NO_COLOR: '1' }
  const publint = run(join(root, 'node_modules/.bin/publint'), ['--strict', packed], { env })
  const { stdout } = await publint.catch(failed => failed)
  expect(stdout).toMatch(/\nAll good!\n$/)
})

test.each([
  ['an ES module', 'program.mjs', (code: string) => code],
  ['a CommonJS one', 'program.cjs', asCommonJs],
])('%s follows and changes sessions with it', async (_, name, written) => {
  const file = join(folder, name)
  // JavaScript has no type annotations, and the README's program needs none.
  writeFileSync(file, written(program()))
  const { stdout, stderr } = await run(process.execPath, [file], { cwd: folder, timeout: 30_000 })
  expect({ lines: stdout.trim().split('\n').slice(-2), stderr }).toEqual({
    lines: ['saved: 287.5', expect.stringMatching(/^refused: the session is at version 3 now/)],
    stderr: '',
  })
})

test.each([
  ['mts', 'nodenext', 'nodenext'],
  ['cts', 'nodenext', 'nodenext'],
  ['ts', 'esnext', 'bundler'],
])(
  'TypeScript finds its types in a .%s file with %s modules, resolved as for %s',
  async (extension, module, resolution) => {
    const file = join(folder, `types.${extension}`)
    writeFileSync(
      file,
      `import { isApiError, SessionsClient, type SessionsChange } from 'benefit-sessions-client'
    import { createResumingClient } from 'benefit-sessions-client/graphql-ws'
    import { exportCsv } from 'benefit-sessions-client/rest'
    import { useSessions, type UseSessionsResult } from 'benefit-sessions-client/react'
    const client = new SessionsClient({ url: 'http://127.0.0.1:4000', token: async () => 'token' })
    export async function* labels(): AsyncGenerator<string | null> {
      for await (const change of client.followSessions({ filter: { mentorId: 'm' } })) {
        if (change.type === 'changed') yield change.session.result?.inputs.label ?? null
      }
    }
    export const versionIn = (error: unknown): number | undefined =>
      isApiError(error, 'VERSION_MISMATCH') ? error.details.currentVersion : undefined
    export const useList = (): UseSessionsResult => useSessions(client, { filter: { mentorId: 'm' } })
    export const dispose = () => createResumingClient({ url: 'ws://127.0.0.1:4000/graphql' }).dispose()
    export const isOver = ({ type }: SessionsChange): boolean => type === 'closed'
    export const file = (): Promise<ReadableStream<Uint8Array>> => exportCsv(client)
    ${entries.map((name, i) => `import * as entry${i} from '${name}'`).join('\n')}
    export const entries = [${entries.map((_, i) => `entry${i}`).join()}]
    // @ts-expect-error: a change says on which version it is based.
    client.dispatchEvent({ id: 'session_1' }, 'RESET_REQUESTED')
    // @ts-expect-error: a calculation has inputs.
    client.dispatchEvent({ id: 'session_1', version: 1 }, 'CALCULATE_REQUESTED')
    `,
    )
    const tsc = join(root, 'node_modules/typescript/bin/tsc')
    const options = [
      '--noEmit',
      '--strict',
      '--exactOptionalPropertyTypes',
      '--module',
      module,
      '--moduleResolution',
      resolution,
      '--target',
      'es2022',
    ]
    const { stdout } = await run(process.execPath, [tsc, ...options, '--ignoreConfig', '--types', 'ws', file], {
      cwd: folder,
    }).catch(({ stdout, stderr }) => ({ stdout: `${stdout}${stderr}` }))
    expect(stdout).toBe('')
  },
)
