// Checks that each capability of the server can be removed: node scripts/check-capabilities.mjs [name…]
//
// For each capability, the script copies the repository without this capability, without every capability that imports
// it, and without their lines in the lists of capabilities. The copy must compile (server, tests, dashboard and
// client), and the core's own tests must pass.
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Folders with a subfolder for each capability. Each file directly in such a folder is a list of capabilities. */
const homes = [
  'src/capabilities',
  'dashboard/src/capabilities',
  'packages/client/src/capabilities',
  'test/capabilities',
  'bench/capabilities',
]
/**
 * Test suites of the core, by parts of their paths. These suites are fast and need no browser. Most suites of `domain`
 * are left out, because the suite `architecture` already checks that `domain` imports no capability.
 */
const suites = [
  'domain/errors',
  'sessions/',
  'feed/feed',
  'interfaces/contract',
  'interfaces/lifecycle',
  'interfaces/shares[.]',
  'resolvers/operations',
]

const steps = [
  ['compiling the server and the tests', 'npx', 'tsc'],
  ['describing the rest', 'node', 'dist/scripts/schema.js'],
  ['compiling and building the client and the dashboard', 'npm', 'run', '--silent', 'build:dashboard'],
  ['testing the core', 'npx', 'jest', '--maxWorkers=2', '--testPathIgnorePatterns', '[.]gate[.]test', '--', ...suites],
]

const names = foldersIn('src/capabilities')
const asked = process.argv.slice(2)
const failures = (asked.length > 0 ? asked : names).filter(name => !check(name))
if (failures.length > 0) process.exitCode = 1
process.stdout.write(
  failures.length > 0 ? `Can't be taken out: ${failures.join(', ')}.\n` : 'Each capability can be taken out.\n',
)

/** Whether the repository compiles and passes the core's tests without a capability. Prints the errors. */
function check(name) {
  const taken = withDependents(name)
  const copy = mkdtempSync(join(tmpdir(), `without-${name}-`))
  try {
    copyTree(copy)
    for (const home of homes) takeOut(join(copy, home), taken)
    return steps.every(([title, command, ...args]) => {
      const { status, stdout, stderr } = spawnSync(command, args, { cwd: copy, encoding: 'utf8' })
      if (status !== 0) process.stdout.write(`Without ${taken.join(', ')}: ${title} failed.\n${stdout}${stderr}\n`)
      return status === 0
    })
  } finally {
    rmSync(copy, { recursive: true })
  }
}

function foldersIn(home) {
  const entries = existsSync(home) ? readdirSync(home, { withFileTypes: true }) : []
  return entries.filter(entry => entry.isDirectory()).map(({ name }) => name)
}

/** Returns a capability and all capabilities that import it, directly or through others. */
function withDependents(name) {
  const users = homes
    .flatMap(home => foldersIn(home).map(folder => [folder, join(home, folder)]))
    .filter(([folder, path]) => folder !== name && sourcesIn(path).some(source => importsFolder(source, name)))
    .map(([folder]) => folder)
  return [...new Set([name, ...users.flatMap(user => withDependents(user))])]
}

function importsFolder(source, name) {
  return new RegExp(`from '(?:\\.\\./)+(?:capabilities/)?${name}(?:/|')`).test(source)
}

function sourcesIn(folder) {
  return readdirSync(folder, { recursive: true })
    .filter(file => /\.tsx?$/.test(file))
    .map(file => readFileSync(join(folder, file), 'utf8'))
}

/**
 * Copies the files that git tracks or does not ignore. Links the installed packages and the built GraphiQL page, which
 * contains no capability.
 */
function copyTree(copy) {
  const { stdout } = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    encoding: 'utf8',
  })
  for (const file of stdout.split('\0')) if (file && existsSync(file)) cpSync(file, join(copy, file))
  mkdirSync(join(copy, 'dist'))
  for (const folder of ['node_modules', '.cache', 'dist/graphiql'])
    symlinkSync(join(process.cwd(), folder), join(copy, folder))
}

/** Deletes the folders of capabilities, and removes the capabilities from the lists beside these folders. */
function takeOut(home, taken) {
  for (const name of taken) rmSync(join(home, name), { recursive: true, force: true })
  if (!existsSync(home)) return
  const lists = readdirSync(home, { withFileTypes: true }).filter(entry => entry.isFile())
  for (const { name } of lists) {
    const file = join(home, name)
    const list = taken.reduce(withoutLines, readFileSync(file, 'utf8'))
    // Without this line, an empty list would no longer be a module.
    writeFileSync(file, /^export /m.test(list) ? list : `${list}export {}\n`)
  }
}

/**
 * Removes a capability from a list: the imports from its folder, the list elements with the imported names, and the
 * re-exports from its folder.
 */
function withoutLines(list, name) {
  const source = list.replace(new RegExp(`^export .* from '\\./${name}/.*\\n`, 'gm'), '')
  const imported = [
    ...source.matchAll(new RegExp(`^import (?:type )?\\{([^}]*)\\} from '\\./${name}(?:/[^']*)?'\\n`, 'gm')),
  ]
  const without = imported.reduce((text, [statement]) => text.replace(statement, ''), source)
  const members = imported.flatMap(([, members]) =>
    members.split(',').map(member => member.trim().split(' as ').at(-1)),
  )
  return members.reduce(
    (text, member) => text.replace(new RegExp(`(?:\\.\\.\\.)?\\b${member}\\b,?\\s?`, 'g'), ''),
    without,
  )
}
