import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

// The peers of the benchmark are plain JavaScript, so no compiler checks that their imports exist.

const folder = join(__dirname, '../../bench/peers')
const imports = readdirSync(folder).flatMap(file => {
  const statements = readFileSync(join(folder, file), 'utf8').matchAll(/^import \{ (.+) \} from '(.+\/dist\/.+)'$/gm)
  return [...statements].map(([, names = '', from = '']) => [file, from, names.split(', ')] as const)
})

test.each(imports)('the imports of %s from %s exist', (_, from, names) => {
  const there = Object.keys(require(join(folder, from)))
  expect(there).toEqual(expect.arrayContaining(names.map(name => name.split(' as ')[0])))
})
