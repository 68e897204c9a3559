import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

// The peers of the benchmark are no TypeScript, and nothing but a run of it would miss what they name.

const folder = join(__dirname, '../../bench/peers')
const imports = readdirSync(folder).flatMap(file => {
  const statements = readFileSync(join(folder, file), 'utf8').matchAll(/^import \{ (.+) \} from '(.+\/dist\/.+)'$/gm)
  return [...statements].map(([, names = '', from = '']) => [file, from, names.split(', ')] as const)
})

test.each(imports)('what %s imports of %s is there', (_, from, names) => {
  const there = Object.keys(require(join(folder, from)))
  expect(there).toEqual(expect.arrayContaining(names.map(name => name.split(' as ')[0])))
})
