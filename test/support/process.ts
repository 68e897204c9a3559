import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const main = join(__dirname, '../../src/main.js')

export interface Process {
  child: ChildProcess
  lines: Record<string, unknown>[]
  errors: () => string
  /** The first line of the log that says this. */
  said(msg: string): Promise<Record<string, unknown>>
  ended: Promise<number | null>
}

const started: ChildProcess[] = []

/** An empty folder for the processes of a suite; what of them still runs after a test is ended. */
export let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'process-'))
})
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
})
afterAll(() => rmSync(folder, { recursive: true }))

/** The real process, with this environment and nothing of the test's own but the path. */
export function run(env: Record<string, string>): Process {
  const child = spawn(process.execPath, [main], { cwd: folder, env: { PATH: process.env.PATH, PORT: '0', ...env } })
  started.push(child)
  const lines: Record<string, unknown>[] = []
  const waiting = new Set<() => void>()
  let errors = ''
  child.stderr.on('data', data => {
    errors += data
  })
  createInterface(child.stdout).on('line', line => {
    lines.push(JSON.parse(line))
    for (const look of waiting) look()
  })
  const ended = once(child, 'close').then(([code]) => code as number | null)
  const said = (msg: string) =>
    new Promise<Record<string, unknown>>((resolve, reject) => {
      const look = () => {
        const line = lines.find(line => line.msg === msg)
        if (line) resolve(line)
      }
      waiting.add(look)
      look()
      ended.then(code => reject(new Error(`ended with ${code} before it said ${msg}: ${errors}`)))
    })
  return { child, lines, errors: () => errors, said, ended }
}
