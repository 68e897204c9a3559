// Installs the tools that check the server and its API descriptions, beside the scripts and separately from the server.
import { execFile } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { environment } from '../python.mjs'

const here = import.meta.dirname
const requirements = join(here, 'requirements.txt')
const changed = path => (existsSync(path) ? statSync(path).mtimeMs : 0)

/** Returns the path of a tool that npm has installed. */
export const bin = name => join(here, 'node_modules', '.bin', name)

async function installPackages() {
  if (changed(join(here, 'package-lock.json')) > changed(join(here, 'node_modules/.package-lock.json')))
    await promisify(execFile)('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: here })
}

/**
 * Installs the pinned tools that are not installed yet. Returns the paths of Python and Schemathesis, and the version
 * of Schemathesis.
 */
export async function install() {
  const [folder] = await Promise.all([environment('schemathesis', requirements), installPackages()])
  const [, version] = /^schemathesis==(\S+)/m.exec(readFileSync(requirements, 'utf8')) ?? []
  return { python: join(folder, 'python'), schemathesis: join(folder, 'schemathesis'), version }
}
