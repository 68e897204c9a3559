import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { capabilities } from '../../src/capabilities'

/**
 * Returns what the tests of capabilities provide to other tests: the export `PART` of each file
 * `test/capabilities/NAME/PART.ts`, in the order of the server's list of capabilities.
 */
export function partsOf<Part>(part: string): Part[] {
  const files = capabilities.map(({ name }) => join(__dirname, '../capabilities', name, `${part}.js`))
  return files.filter(file => existsSync(file)).map(file => require(file)[part])
}
