import { randomBytes } from 'node:crypto'
import { calculation, someone } from '../../dist/bench/paths.js'
import { EmbeddedFile } from '../../dist/src/db/embedded/file.js'
import { commitOf } from '../../dist/src/domain/commit.js'
import { decide, parseCommand, start, startSchema } from '../../dist/src/domain/decide.js'
import { valid } from '../../dist/src/domain/errors.js'
import { changingMembers, contributionOf, evolve, snapshotMembers } from '../../dist/src/domain/session.js'
import { calculate } from '../../dist/src/domain/time-value.js'
import { timestamp } from '../../dist/src/domain/timestamp.js'

// The embedded store's writes without a server: the same rows in the same tables, with better-sqlite3 only. `node
// sqlite.mjs start|dispatch <writes a transaction> <seconds> <sessions>` prints the number of writes and their cost.

const [action, writesATransaction, seconds, sessionCount] = process.argv.slice(2)
const warmUpMs = 500

const { db } = new EmbeddedFile(process.env.DATA_FILE)
const into = (table, columns) =>
  db.prepare(`INSERT OR IGNORE INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`)
const insert = into('sessions', snapshotMembers)
const insertTransition = into('transitions', ['session_id', 'sequence', 'body'])
const insertResult = into('results', ['session_id', 'result_id', 'sequence', 'computed_at', 'body'])
const insertCommit = into('commits', ['at', 'body'])
const update = db.prepare(`UPDATE sessions SET ${changingMembers.map(name => `${name} = ?`)},
  last_inputs = ?, minutes = ?, cost = ?, value = ?, ratio = ? WHERE session_id = ? AND version = ?`)

const written = { start: 0, dispatch: 0 }
const sessions = []
const newId = kind => `${kind}_${randomBytes(4).toString('hex')}`

function record(session, changes) {
  for (const { transition, result } of changes) {
    const { session_id } = session
    const { sequence } = transition
    insertTransition.run(session_id, sequence, JSON.stringify(transition))
    if (result) insertResult.run(session_id, result.result_id, sequence, result.computed_at, JSON.stringify(result))
  }
  insertCommit.run(session.updated_at, JSON.stringify(commitOf(session, changes)))
}

const writes = {
  start() {
    const { session, changes } = start(valid(startSchema, someone), newId('session'), timestamp(new Date()))
    if (insert.run(snapshotMembers.map(name => session[name])).changes === 0) return // the id is taken
    record(session, changes)
    sessions.push(session)
    written.start++
  },
  dispatch() {
    const place = written.dispatch % sessions.length
    const session = sessions[place]
    const command = parseCommand(calculation(written.dispatch))
    const means = { now: timestamp(new Date()), calculate, newResultId: () => newId('calc') }
    const changes = decide(session, command, means)
    const after = changes.reduce(evolve, session)
    const { minutes, cost, value } = contributionOf(after).result
    const changed = changingMembers.map(name => after[name])
    const inputs = JSON.stringify(after.last_inputs)
    const ratio = Math.round(after.result.outputs.benefit_cost_ratio * 100)
    update.run(...changed, inputs, minutes, cost, value, ratio, session.session_id, session.version)
    record(after, changes)
    sessions[place] = after
    written.dispatch++
  },
}

const transaction = db.transaction((write, count) => {
  for (let i = 0; i < count; i++) write()
})

function writeFor(ms) {
  const until = performance.now() + ms
  let count = 0
  for (; performance.now() < until; count += Number(writesATransaction)) {
    transaction(writes[action], Number(writesATransaction))
  }
  return count
}

if (action === 'dispatch') transaction(writes.start, Number(sessionCount))
writeFor(warmUpMs)
const [cpu, began] = [process.cpuUsage(), performance.now()]
const count = writeFor(seconds * 1_000)
const { user, system } = process.cpuUsage(cpu)
const perSecond = (count * 1_000) / (performance.now() - began)
process.stdout.write(JSON.stringify({ written, figure: { perSecond, cpuMicros: (user + system) / count } }))
db.close()
