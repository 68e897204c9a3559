import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Instance } from './instance'

const started: Instance[] = []

/** An empty folder for the processes of a suite. Processes that still run after a test are killed. */
export let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'process-'))
})
afterEach(async () => {
  await Promise.all(started.splice(0).map(instance => instance.kill()))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Starts a process that may listen or exit. */
export function run(env: Record<string, string>): Instance {
  const instance = new Instance(env, { cwd: folder })
  started.push(instance)
  return instance
}
