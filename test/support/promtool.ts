import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { debianPackage } from './debian-package'

const cache = join(__dirname, '../../../.cache/prometheus')

const onPath = (): boolean => spawnSync('promtool', ['--version']).status === 0

/** Extracts promtool from Debian's package into a folder that is deleted after this suite. */
function extracted(): string {
  const debian = debianPackage('prometheus', cache)
  const folder = mkdtempSync(join(tmpdir(), 'promtool-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const extract = 'dpkg-deb --fsys-tarfile "$1" | tar -x ./usr/bin/promtool'
  execFileSync('sh', ['-c', extract, 'sh', debian], { cwd: folder, stdio: 'pipe' })
  return join(folder, 'usr/bin/promtool')
}

/**
 * Finds Prometheus's own checker: the one in PROMTOOL, one on the PATH, or the one in Debian's package, which is
 * downloaded once into .cache. Without it, the checks that use it are skipped. In CI, that is an error.
 */
function find(): string | undefined {
  try {
    return process.env.PROMTOOL || (onPath() ? 'promtool' : extracted())
  } catch (error) {
    if (process.env.CI) throw error
    process.stderr.write(`What promtool checks is skipped: there is none (${(error as Error).message})\n`)
    return undefined
  }
}

const promtool = find()

export const testWithPromtool = promtool ? test : test.skip

/** Returns promtool's output for files or for `input`. Throws if promtool finds a fault. */
export const promtoolSays = (args: string[], input = ''): string =>
  execFileSync(String(promtool), args, { input, encoding: 'utf8', stdio: 'pipe' })
