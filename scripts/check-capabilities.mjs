// Checks that capabilities can be removed: node scripts/check-capabilities.mjs [name…]
//
// For each capability, the script copies the repository without this capability, without every capability that imports
// it, and without their lines in the lists of capabilities. The copy must compile (server, tests, dashboard and
// client). Without names, the script finally checks a copy without any capability: the suites of the core's interfaces
// must pass over the embedded store, except slow suites.
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
import { dirname, join } from 'node:path'

/** Folders with a subfolder for each capability. Each file directly in such a folder is a list of capabilities. */
const homes = [
  'src/capabilities',
  'dashboard/src/capabilities',
  'packages/client/src/capabilities',
  'test/capabilities',
  'bench/capabilities',
]
/** Suites of the copy without any capability. */
const coreSuites = 'test/(access|client|interfaces|resolvers|rest|startup)/.*(?<!gate)[.]test'

const compiling = [
  ['compiling the server and the tests', 'npx', 'tsc'],
  ['describing the rest', 'node', 'dist/scripts/schema.js'],
  ['compiling the client', 'node', 'packages/client/build.mjs'],
  ['compiling the dashboard', 'npx', 'tsc', '-p', 'dashboard'],
]
const testing = [
  ['building the dashboard', 'npx', 'vite', 'build', 'dashboard', '--logLevel', 'warn'],
  ['testing the core', 'npx', 'jest', '--maxWorkers=2', coreSuites],
]
/** Environment that hides MongoDB from the tests. */
const { CI: _, ...others } = process.env
const env = { ...others, MONGOD: 'none' }

const names = [...new Set(homes.flatMap(foldersIn))]
const asked = process.argv.slice(2)
const failures = (asked.length > 0 ? asked : names).filter(name => !check(withDependents(name), compiling))
if (asked.length === 0 && !check(names, [...compiling, ...testing])) failures.push('all together')
if (failures.length > 0) process.exitCode = 1
process.stdout.write(
  failures.length > 0 ? `Can't be taken out: ${failures.join(', ')}.\n` : 'Each capability can be taken out.\n',
)

/** Whether all steps succeed in a copy of the repository without these capabilities. Prints the errors. */
function check(taken, steps) {
  const copy = mkdtempSync(join(tmpdir(), 'without-'))
  try {
    copyTree(copy)
    for (const home of homes) takeOut(join(copy, home), taken)
    for (const name of taken) rmSync(join(copy, 'docs/reference', `${name}.md`), { force: true })
    return steps.every(([title, command, ...args]) => {
      const { status, stdout, stderr } = spawnSync(command, args, { cwd: copy, encoding: 'utf8', env })
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
  const users = homes.flatMap(home =>
    foldersIn(home).filter(folder => folder !== name && importsCapability(join(home, folder), name)),
  )
  return [...new Set([name, ...users.flatMap(user => withDependents(user))])]
}

function importsCapability(folder, name) {
  const files = readdirSync(folder, { recursive: true }).filter(file => /\.tsx?$/.test(file))
  const imported = files.map(file => join(folder, file)).flatMap(importsOf)
  return imported.some(path => homes.some(home => `${path}/`.startsWith(`${join(home, name)}/`)))
}

function importsOf(file) {
  const statements = readFileSync(file, 'utf8').matchAll(/ from '(\.[^']*)'/g)
  return [...statements].map(([, path]) => join(dirname(file), path))
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
