import { existsSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { join, resolve } from 'node:path'

export const say = (line: string): boolean => process.stdout.write(`${line}\n`)

/** Returns a quantile of the numbers. `part` is between 0 and 1. */
export const quantile = (numbers: number[], part: number): number =>
  numbers.toSorted((a, b) => a - b)[Math.min(numbers.length - 1, Math.floor(numbers.length * part))] as number

export const median = (numbers: number[]): number => quantile(numbers, 0.5)

/** Returns the names in `stated`. Throws if one of them is not in `names`. */
export function chosen<Name extends string>(stated: string, names: readonly Name[]): Name[] {
  const wrong = stated.split(',').filter(name => !names.includes(name as Name))
  if (wrong.length > 0) throw new Error(`${wrong} is none of ${names.join(', ')}`)
  return names.filter(name => stated.split(',').includes(name))
}

/** Program of the server in a checkout. */
export const ourProgram = 'dist/src/main.js'

/**
 * Returns the programs of those contestants that are builds of this server: this build, and the build of `checkout` if
 * given.
 */
export function builds(checkout?: string): { name: string; file: string }[] {
  const ours = { name: 'ours', file: ourProgram }
  if (checkout === undefined) return [ours]
  const file = join(resolve(checkout), ourProgram)
  if (!existsSync(file)) throw new Error(`--build ${checkout} has no ${ourProgram}: run \`npm run build\` there.`)
  return [ours, { name: `build ${checkout}`, file }]
}

const busyBefore = loadavg()[0]?.toFixed(1)

/** Describes the runtime and the machine that produced the figures. */
export const machine = (): string =>
  `Node.js ${process.versions.node};\n${cpus().length} × ${cpus()[0]?.model}, of which others had ${busyBefore} in the minute before`
