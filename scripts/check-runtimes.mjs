// Starts the server with `npm start` in fresh clones, as a new user does: on Node.js 20, which is too old, with npm 10,
// and on Node.js 26, 24 and 22. Each time, calculates a result and follows the session's event stream.
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'

const folder = mkdtempSync(join(tmpdir(), 'runtimes-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
// The lock file in this folder pins the packages by their hashes.
const packages = join(import.meta.dirname, 'runtimes')
const installed = join(packages, 'node_modules')
execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel', 'error'], {
  cwd: packages,
  stdio: 'inherit',
})

const nodeBin = major => join(installed, `node-${major}-${process.platform}-${process.arch}`, 'bin')

function clone(name) {
  const path = join(folder, name)
  execFileSync('git', ['clone', '--quiet', process.cwd(), path], { stdio: 'inherit' })
  return path
}

const environment = (paths, more = {}) => ({
  ...process.env,
  PATH: [...paths, process.env.PATH].join(delimiter),
  PORT: '0',
  ...more,
})

function expected(what, got, wanted) {
  if (got !== wanted) throw new Error(`${what} is ${JSON.stringify(got)}, expected ${JSON.stringify(wanted)}`)
}

async function start(cwd, paths) {
  const began = performance.now()
  // The server runs in its own process group, so that a signal reaches the whole group, as Ctrl+C does.
  const server = spawn('npm', ['start'], {
    cwd,
    env: environment(paths),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const ended = new Promise(resolve => server.on('close', resolve))
  let errors = ''
  const lines = []
  server.stderr.on('data', data => (errors += data))
  const url = await new Promise((resolve, reject) => {
    createInterface(server.stdout).on('line', line => {
      lines.push(line)
      if (line.includes('"listening"')) resolve(JSON.parse(line).url)
    })
    void ended.then(code => reject(new Error(`npm start ended with ${code}: ${errors}`)))
  })
  const seconds = Math.round((performance.now() - began) / 1_000)
  async function stop() {
    process.kill(-server.pid, 'SIGTERM')
    await ended
    return lines.some(line => line.includes('"stopping"'))
  }
  return { url, seconds, errors: () => errors, stop }
}

const inputs = { sessions: 25, avg_minutes: 30, cost_per_session: 3.5, cost_per_hour: 30 }

/**
 * Calculates the published contract's example over REST, and reads it over GraphQL and Server-Sent Events. Also loads
 * the dashboard.
 */
async function use(url) {
  const json = async (path, method, body) => {
    const headers = { 'Content-Type': 'application/json' }
    return (await fetch(`${url}${path}`, { method, headers, body: JSON.stringify(body) })).json()
  }
  const sessions = '/api/v1/benefit-calculator-sessions'
  const { session_id } = await json(sessions, 'POST', { mentor_id: 'mentor_001' })
  const { state } = await json(`${sessions}/${session_id}`, 'PUT', { event: 'CalculateRequested', payload: inputs })
  expected('the state', state, 'loaded')
  const query = `{ session(id: "${session_id}") { result { outputs { netBenefit } } } }`
  const { data } = await json('/graphql', 'POST', { query })
  expected('the net benefit', data.session.result.outputs.netBenefit, 287.5)
  const events = { headers: { Accept: 'text/event-stream' } }
  const stream = await fetch(`${url}${sessions}/${session_id}/events`, events)
  let text = ''
  for await (const chunk of stream.body.pipeThrough(new TextDecoderStream())) {
    text += chunk
    if (text.includes('"to":"loaded"')) break
  }
  const page = await (await fetch(url, { headers: { Accept: 'text/html' } })).text()
  expected('the dashboard', page.includes('<script'), true)
}

async function check(title, cwd, paths, installs) {
  const server = await start(cwd, paths)
  await use(server.url)
  expected('whether the log says that the server stops', await server.stop(), true)
  const count = server.errors().split('is too old: installing').length - 1
  expected('number of installations of Node.js', count, installs)
  expected('Node.js in .cache', existsSync(join(cwd, '.cache/node')), installs > 0)
  process.stdout.write(`npm start ${title}: serves after ${server.seconds} s\n`)
}

/**
 * Checks that `npm start` fails with a message on a Node.js version that is too old, if no package can be downloaded.
 */
function checkRefusal(paths) {
  const env = environment(paths, {
    npm_config_registry: 'http://127.0.0.1:9',
    npm_config_cache: join(folder, 'no-cache'),
    npm_config_fetch_retries: '0',
  })
  const { status, stderr } = spawnSync('npm', ['start'], { cwd: clone('refused'), env, encoding: 'utf8' })
  expected('the exit code', status, 1)
  const [line] = stderr.trim().split('\n').slice(-1)
  expected('the message', /^Install Node\.js 26 .* and try again: npm could not install /.test(line), true)
  process.stdout.write(`npm start with an old Node.js and no registry: ${line}\n`)
}

/**
 * Checks the error for a data file in a folder that can't be created. Node.js 22 and 24 create folders differently from
 * 26.
 */
function checkFolder(title, cwd, paths) {
  const env = environment(paths, { DATA_FILE: '/proc/none/sessions.db' })
  const { status, stderr } = spawnSync('npm', ['start'], { cwd, env, encoding: 'utf8', timeout: 60_000 })
  expected(`the exit code ${title}`, status, 1)
  expected(`the message ${title}`, /set DATA_FILE to a file in a folder/.test(stderr), true)
}

const [node20, node22, node24, node26] = [20, 22, 24, 26].map(nodeBin)
const npm10 = join(installed, '.bin')
checkRefusal([node20, npm10])
await check('in a fresh clone, Node.js 20 and npm 10', clone('old'), [node20, npm10], 1)
const current = clone('current')
await check('in a fresh clone, Node.js 26', current, [node26], 0)
await check('in the same clone, Node.js 24', current, [node24], 0)
checkFolder('on Node.js 24', current, [node24])
await check('in the same clone, Node.js 22', current, [node22], 0)
checkFolder('on Node.js 22', current, [node22])
