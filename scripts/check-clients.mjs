// Checks the API descriptions with client generators: follows docs/how-to/clients.md section by section, compiles the
// generated code, and runs the programs in examples/generated against a server. If this machine lacks a section's
// toolchain, the script skips the section and prints the reason. In CI, a missing toolchain is an error.
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, delimiter, dirname, extname, join, resolve } from 'node:path'
import { programs, sections, versions } from './clients/page.mjs'
import { checkStatuses } from './clients/statuses.mjs'
import { goModule, jars, kinds, kindsHere, modules, pinned, run } from './clients/tools.mjs'
import { serve } from './served.mjs'

const compilerOptions = {
  target: 'es2022',
  lib: ['es2022', 'dom'],
  module: 'esnext',
  moduleResolution: 'bundler',
  strict: true,
  skipLibCheck: true,
  types: [],
}

/**
 * For each generator in docs/how-to/clients.md: the folder, the tool in the page's version table, other kinds of tools
 * that it needs, where to copy its program, and the file for each code block of its section. Generators for one
 * language share a folder, so that one compiler run covers them.
 */
const clients = {
  'openapi-typescript': { in: 'ts/openapi', of: ['npm', 'openapi-typescript'], program: 'main.ts' },
  'openapi-generator, Python': {
    in: 'py/openapi-generator',
    of: ['java', 'openapi-generator-cli'],
    wants: ['python'],
    program: 'main.py',
    imports: 'sessions-client',
  },
  'openapi-generator, Go': {
    in: 'go',
    of: ['java', 'openapi-generator-cli'],
    wants: ['go'],
    program: 'cmd/openapi-generator/main.go',
  },
  'openapi-generator, Java': { in: 'java', of: ['java', 'openapi-generator-cli'], program: 'Start.java' },
  'openapi-python-client': {
    in: 'py/openapi-python-client',
    of: ['python', 'openapi-python-client'],
    program: 'main.py',
  },
  'oapi-codegen': {
    in: 'go',
    of: ['go', 'github.com/oapi-codegen/oapi-codegen/v2'],
    program: 'cmd/oapi-codegen/main.go',
  },
  'GraphQL Code Generator': {
    in: 'ts/codegen',
    of: ['npm', '@graphql-codegen/cli'],
    files: { json: 'codegen.json' },
    program: 'main.ts',
  },
  'gql.tada': {
    in: 'ts/tada',
    of: ['npm', 'gql.tada'],
    files: { json: 'tsconfig.json' },
    program: 'main.ts',
    written: { json: block => JSON.stringify({ compilerOptions: { ...compilerOptions, ...JSON.parse(block) } }) },
  },
  Relay: {
    in: 'ts/relay',
    of: ['npm', 'relay-compiler'],
    files: { json: 'relay.config.json' },
    program: 'src/Session.ts',
  },
  genqlient: {
    in: 'go',
    of: ['go', 'github.com/Khan/genqlient'],
    files: { yaml: 'genqlient.yaml' },
    program: 'cmd/genqlient/main.go',
  },
  'ariadne-codegen': {
    in: 'py/ariadne',
    of: ['python', 'ariadne-codegen'],
    files: { toml: 'pyproject.toml' },
    program: 'main.py',
  },
}

/** Returns a function that runs tasks, at most two at the same time, because the smallest machines have two cores. */
function slots(free = 2) {
  const waiting = []
  return async work => {
    if (free > 0) free--
    else await new Promise(resolve => waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free++
    }
  }
}

const started = performance.now()
const folder = mkdtempSync(join(tmpdir(), 'check-clients-'))
const server = await serve(folder)
const twice = slots()
try {
  const here = kindsHere()
  const tried = Object.entries(clients).filter(([, { of, wants = [] }]) =>
    [of[0], ...wants].every(kind => here.includes(kind)),
  )
  const description = await (await fetch(`${server.url}/openapi.json`)).text()
  const pointed = text => text.replaceAll('http://127.0.0.1:4000', server.url)
  const write = (place, text) => {
    mkdirSync(dirname(join(folder, place)), { recursive: true })
    writeFileSync(join(folder, place), text)
  }

  for (const [title, { in: place, of, program, files = {}, written = {} }] of tried) {
    const version = pinned(...of)
    if (versions[title] !== version)
      throw new Error(
        `docs/how-to/clients.md names version ${versions[title]} of ${title}, but the checks use ${version}.`,
      )
    write(`${place}/openapi.json`, description)
    for (const file of ['schema.graphql', 'examples/generated/sessions.graphql'])
      copyFileSync(file, join(folder, place, basename(file)))
    if (!programs[title]) throw new Error(`docs/how-to/clients.md links no program for ${title}.`)
    write(`${place}/${program}`, pointed(readFileSync(programs[title], 'utf8')))
    for (const [language, file] of Object.entries(files)) {
      const block = sections[title]?.[language]
      if (!block) throw new Error(`docs/how-to/clients.md has no ${language} example for ${title}.`)
      write(`${place}/${file}`, written[language]?.(block) ?? block)
    }
  }
  const compiler = `typescript@${pinned('npm', 'typescript')}`
  if (!sections['openapi-typescript'].sh.includes(compiler))
    throw new Error(`docs/how-to/clients.md does not run openapi-typescript with ${compiler}, as the checks do.`)
  write('ts/package.json', '{"type":"module"}')
  write('ts/tsconfig.json', JSON.stringify({ compilerOptions: { ...compilerOptions, outDir: 'out', rootDir: '.' } }))
  symlinkSync(modules, join(folder, 'ts/node_modules'))
  mkdirSync(join(folder, 'go'), { recursive: true })
  for (const file of goModule) copyFileSync(file, join(folder, 'go', basename(file)))

  // Start with Go, because its tools must be compiled, which takes longest.
  const installed = Object.fromEntries(here.map(kind => [kind, twice(kinds[kind].install)]))
  const ready = kinds => Promise.all(kinds.map(kind => installed[kind]))
  const at = place => ({ cwd: join(folder, place) })
  const generated = Object.fromEntries(
    tried.map(([title, { in: place, of }]) => [
      title,
      ready([of[0]]).then(() => twice(() => run('sh', ['-ec', sections[title].sh], at(place)))),
    ]),
  )
  /** Compiles the code in a folder after all generators have written to it. */
  const compiled = async (place, kind, compile) => {
    const titles = tried.filter(([, client]) => client.in.startsWith(place)).map(([title]) => title)
    if (titles.length === 0) return
    await Promise.all([ready([kind]), ...titles.map(title => generated[title])])
    await twice(compile)
  }
  const javaFiles = () =>
    readdirSync(join(folder, 'java'), { recursive: true }).filter(
      name => name.endsWith('.java') && !/\btest\b/.test(name),
    )
  const classPath = ['out', join(jars, '*')].join(delimiter)
  await Promise.all([
    ...Object.values(generated),
    compiled('go', 'go', () => run('go', ['build', '-o', 'bin/', './...'], at('go'))),
    compiled('ts', 'npm', async () => {
      await run('tsc', ['-p', '.'], at('ts'))
      // The generators install TypeScript 5. Their output must also compile with this repository's TypeScript version.
      await run(process.execPath, [resolve('node_modules/typescript/bin/tsc'), '-p', '.', '--noEmit'], at('ts'))
    }),
    compiled('py', 'python', () => run('python3', ['-m', 'compileall', '-q', '.'], at('py'))),
    compiled('java', 'java', () =>
      run('javac', ['-nowarn', '-proc:none', '-d', 'out', '-cp', classPath, ...javaFiles()], at('java')),
    ),
  ])

  const runs = {
    '.py': ({ in: place, imports = '.' }) => run('python3', ['main.py'], { ...at(place), PYTHONPATH: imports }),
    '.ts': ({ in: place }) => run('node', [`out/${basename(place)}/main.js`], at('ts')),
    '.go': ({ program }) => run(join(folder, 'go/bin', basename(dirname(program))), [], at('go')),
    '.java': () => run('java', ['-cp', classPath, 'Start'], at('java')),
  }
  for (const [title, client] of tried) {
    if (title === 'Relay') await refetch(join(folder, 'ts/out/relay/src/__generated__/SessionRefetchQuery.graphql.js'))
    else await runs[extname(client.program)](client)
    process.stdout.write(`${title} ${versions[title]}: generated, compiled, and got a response\n`)
  }
  if (here.includes('npm')) await checkStatuses(server.url)
  if (server.errors() > 0) throw new Error(`The server logged ${server.errors()} errors.`)
  process.stdout.write(`clients: ${tried.length} in ${Math.round((performance.now() - started) / 1_000)} s\n`)
} catch (error) {
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
} finally {
  await server.stop()
  rmSync(folder, { recursive: true })
}

/** Sends the query with which Relay refetches a session. */
async function refetch(artifact) {
  const { default: query } = await import(artifact)
  const post = (path, body) =>
    fetch(server.url + path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    })
  const { session_id: id } = await (
    await post('/api/v1/benefit-calculator-sessions', { mentor_id: 'mentor_001' })
  ).json()
  const answer = await (await post('/graphql', { query: query.params.text, variables: { id } })).json()
  if (answer.data?.node?.id !== id) throw new Error(`Relay's refetch returned ${JSON.stringify(answer)}.`)
}
