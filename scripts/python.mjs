// Installs Python packages in a virtual environment below .cache, and reinstalls them when the pinned versions change.
import { execFile } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const cache = join(import.meta.dirname, '..', '.cache')

/**
 * Options of `pip install`. These options allow only packages whose hashes are in the requirements file, and only
 * wheels, because a wheel runs no code during its installation.
 */
export const pipInstall = ['install', '--quiet', '--no-deps', '--require-hashes', '--only-binary', ':all:']

/** Installs the packages that a requirements file pins. Returns the folder with their commands. */
export async function environment(name, requirements) {
  const folder = join(cache, name)
  const bin = join(folder, 'bin')
  const installed = join(folder, 'installed.txt')
  const pinned = readFileSync(requirements, 'utf8')
  if (existsSync(installed) && readFileSync(installed, 'utf8') === pinned) return bin
  rmSync(folder, { recursive: true, force: true })
  await run('python3', ['-m', 'venv', folder])
  await run(join(bin, 'pip'), [...pipInstall, '--no-compile', '-r', requirements])
  writeFileSync(installed, pinned)
  return bin
}
