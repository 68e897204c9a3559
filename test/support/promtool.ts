import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const cache = join(__dirname, '../../../.cache')
const unpacked = join(cache, 'promtool')
const downloadLimitMs = 120_000

const onPath = (): boolean => spawnSync('promtool', ['--version']).status === 0

/** Extracts promtool from Debian's package into .cache. apt checks the signature of the package's origin. */
function downloaded(): string {
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(`${unpacked}-`)
  try {
    const options = { cwd: folder, stdio: 'pipe', timeout: downloadLimitMs } as const
    execFileSync('apt-get', ['download', '-qq', 'prometheus'], options)
    execFileSync('sh', ['-c', 'dpkg-deb --fsys-tarfile *.deb | tar -x ./usr/bin/promtool'], options)
    renameSync(join(folder, 'usr/bin/promtool'), unpacked)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return unpacked
}

/**
 * Finds Prometheus's own checker: the one in PROMTOOL, one on the PATH, or one that is downloaded once into .cache.
 * Without one, its checks are skipped. In CI that is an error.
 */
function find(): string | undefined {
  try {
    return process.env.PROMTOOL || (onPath() ? 'promtool' : existsSync(unpacked) ? unpacked : downloaded())
  } catch (error) {
    if (process.env.CI) throw error
    process.stderr.write(`What promtool checks is skipped: there is none (${(error as Error).message})\n`)
    return undefined
  }
}

const promtool = find()

export const testWithPromtool = promtool ? test : test.skip

/** Returns promtool's output for files or for `input`. Throws if it finds a fault. */
export const promtoolSays = (args: string[], input = ''): string =>
  execFileSync(String(promtool), args, { input, encoding: 'utf8', stdio: 'pipe' })
