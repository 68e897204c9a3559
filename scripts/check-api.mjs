// Checks the running server and its API descriptions with third-party tools: Redocly, Spectral, the AsyncAPI parser,
// jsonschema and Schemathesis. No tool may report a problem. The tools are installed beside this script, separately
// from the server. Arguments of this script are passed to Schemathesis, for example `npm run check:api -- --seed 7
// --max-examples 1000`.
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bin, install } from './api/tools.mjs'
import { serve } from './served.mjs'

const here = join(import.meta.dirname, 'api')
// No tool may send telemetry.
const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true', NO_COLOR: '1' }

/** Runs a command, and returns its output. Throws if it fails. */
function run(command, args, options = {}) {
  const { status, error, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', env, ...options })
  if (status === 0) return stdout + stderr
  throw new Error(`${command} ${args.join(' ')}\n${error?.message ?? ''}${stdout}${stderr}`)
}

/** Prints the line of a tool's output that contains its verdict. */
function summary(tool, output, line) {
  const found = output.split('\n').find(text => line.test(text))
  if (!found) throw new Error(`The output of ${tool} has no summary:\n${output}`)
  process.stdout.write(`${tool}: ${found.trim()}\n`)
}

const { python, schemathesis, version } = await install()
const folder = mkdtempSync(join(tmpdir(), 'check-api-'))
const server = await serve(folder)
try {
  const { url } = server
  const [description, events] = ['openapi.json', 'asyncapi.json'].map(name => join(folder, name))
  writeFileSync(description, await (await fetch(`${url}/openapi.json`)).text())
  writeFileSync(events, await (await fetch(`${url}/asyncapi.json`)).text())

  const redocly = run(bin('redocly'), ['lint', '--extends', 'recommended-strict', description], { cwd: folder })
  summary(`Redocly ${run(bin('redocly'), ['--version']).match(/\d+\.\d+\.\d+/)}`, redocly, /is valid/)

  const ruleset = join(here, 'spectral.yaml')
  const spectral = run(bin('spectral'), ['lint', '--fail-severity', 'hint', '--ruleset', ruleset, description])
  summary(`Spectral ${run(bin('spectral'), ['--version']).trim()}`, spectral, /No results/)

  const { version: parser } = JSON.parse(readFileSync(join(here, 'node_modules/@asyncapi/parser/package.json'), 'utf8'))
  summary(`@asyncapi/parser ${parser}`, run(process.execPath, [join(here, 'asyncapi.mjs'), events]), / 0 problems/)

  summary('jsonschema', run(python, [join(here, 'amounts.py'), description]), /^0 amounts refused/)

  const found = await new Promise((resolve, reject) => {
    const config = ['--config-file', join(here, 'schemathesis.toml')]
    const given = process.argv.slice(2)
    const seed = given.includes('--seed') ? [] : ['--seed', '1']
    const args = [...config, 'run', `${url}/openapi.json`, '--checks', 'all', '--warnings', 'off', ...seed, ...given]
    const hooks = { SCHEMATHESIS_HOOKS: 'hooks', PYTHONPATH: here, PYTHONDONTWRITEBYTECODE: '1' }
    const child = spawn(schemathesis, args, { cwd: folder, env: { ...env, ...hooks } })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', data => (output += data))
    child.once('error', reject)
    child.once('close', code => (code === 0 ? resolve(output) : reject(new Error(output))))
  })
  summary(`Schemathesis ${version}`, found, /generated/)
  if (server.errors() > 0) throw new Error(`The server logged ${server.errors()} errors.`)
} catch (error) {
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
} finally {
  await server.stop()
  rmSync(folder, { recursive: true })
}
