import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { partsOf } from '../support/capability-parts'
import { ReplicaSet } from '../support/mongod'
import { kinds as coreKinds, type Kind } from './kinds'
import { type Row, rowOf, table } from './row'
import { Stage } from './stage'

// Causes every fault of the store, an instance and a client many times under load. A checker knows every acknowledged
// write and every delivery. The run fails if anything is lost, duplicated, swapped, wrong or stuck.

const kinds: Record<string, Kind> = Object.assign({}, coreKinds, ...partsOf('faults'))

const usage = `npm run faults -- [--only ${Object.keys(kinds).join(',')}] [--times N] [--seed N] [--write test/faults/results.md]`

const shown = 10
const shownCharacters = 300

/** Set by a signal: the run ends after the current fault and prints the table. No process stays frozen or running. */
let stopping = false
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    stopping = true
  })
}

const print = (text: string): void => void process.stdout.write(`${text}\n`)

async function run(set: ReplicaSet, name: string, kind: Kind, times: number, seed: number): Promise<Row> {
  const begun = performance.now()
  const stage = await Stage.start(set, `faults_${name.replaceAll('-', '_')}`, seed, kind)
  try {
    let done = 0
    try {
      while (done < times && !stopping) done += await kind.fault(stage, times - done)
    } catch (error) {
      stage.broken.push(`it could not go on after ${done}: ${(error as Error).stack}`)
    }
    const end = performance.now()
    await stage.finish()
    const row = rowOf(kind, done, stage, end)
    print(`${row.cells.slice(0, 12).join(' | ')} (${Math.round((performance.now() - begun) / 1_000)} s)`)
    for (const one of row.broken.slice(0, shown)) print(`  ${one.slice(0, shownCharacters)}`)
    if (row.broken.length > shown) print(`  and ${row.broken.length - shown} more`)
    return row
  } finally {
    await stage.stop()
  }
}

/** Replaces the text between the two marks of a document. */
function write(file: string, text: string): void {
  const document = readFileSync(file, 'utf8')
  const marked = /(<!-- table -->\n)[\s\S]*(<!-- end of table -->)/
  if (!marked.test(document)) throw new Error(`${file} has no <!-- table --> and <!-- end of table -->`)
  writeFileSync(
    file,
    document.replace(marked, (_, begin, end) => `${begin}${text}\n${end}`),
  )
}

function numberOf(option: string, value: string | undefined): number | undefined {
  if (value !== undefined && !/^[1-9]\d{0,5}$/.test(value))
    throw new Error(`--${option} ${value} is no number\n${usage}`)
  return value === undefined ? undefined : Number(value)
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      times: { type: 'string' },
      seed: { type: 'string' },
      write: { type: 'string' },
    },
  })
  const seed = numberOf('seed', values.seed) ?? Date.now() % 1_000_000
  const times = numberOf('times', values.times)
  const names = values.only?.split(',') ?? Object.keys(kinds)
  const chosen = names.map(name => {
    const kind = kinds[name]
    if (!kind) throw new Error(`there is no fault ${name}\n${usage}`)
    return { name, kind, times: times ?? kind.times }
  })
  const expected = chosen.reduce((sum, { kind, times }) => sum + 10 + times * kind.seconds, 20)
  print(`seed ${seed}; about ${Math.ceil(expected / 60)} minutes`)

  const begun = performance.now()
  const set = await ReplicaSet.start(3)
  const rows: Row[] = []
  let failed = false
  try {
    const { version } = await set.command(0, { buildInfo: 1 })
    for (const { name, kind, times } of chosen) {
      if (stopping) break
      await run(set, name, kind, times, seed).then(
        row => rows.push(row),
        error => {
          failed = true
          print(`${kind.title}: ${error.stack}`)
        },
      )
    }
    const minutes = Math.round((performance.now() - begun) / 60_000)
    const circumstances = `This run used seed ${seed} and took ${minutes} minutes on ${availableParallelism()} cores, with MongoDB ${version} and Node.js ${process.versions.node}.`
    const text = `${table(rows)}\n\n${circumstances}`
    print(`\n${text}`)
    if (values.write && !stopping) write(values.write, text)
  } finally {
    await set.stop()
  }
  process.exit(stopping || failed || rows.some(({ broken }) => broken.length > 0) ? 1 : 0)
}

main().catch((error: Error) => {
  process.stderr.write(`${error.stack}\n`)
  process.exit(1)
})
