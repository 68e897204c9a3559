// Installs Python packages in a virtual environment below .cache, and installs them again when the pinned versions
// change.
import { execFile } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const cache = join(import.meta.dirname, '..', '.cache')

/** Installs only packages whose files have a hash in the requirements. Wheels run no code when they are installed. */
export const pipInstall = ['install', '--quiet', '--no-deps', '--require-hashes', '--only-binary', ':all:']

/** Returns the folder with the commands of the packages that a requirements file pins. */
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
