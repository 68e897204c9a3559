import { readFileSync, writeFileSync } from 'node:fs'
import { printSchema } from 'graphql'
import { capabilities } from '../src/capabilities'
import { schemaOf } from '../src/resolvers/schema'
import { openapi } from '../src/rest/description/openapi'
import { resourcesOf } from '../src/rest/routes'
import { describedVariables } from '../src/startup/config'
import { clientReference } from './client-reference'
import { type OpenApi, readPromises, withAdditions, writePromises } from './openapi-promises'
import { pictureOf } from './performance-picture'
import { typescriptOf } from './typescript'

/** Page with the table of environment variables. */
const configuration = 'docs/operations/configuration.md'

const schema = schemaOf(capabilities)
writeFileSync('schema.graphql', `${printSchema(schema)}\n`)
writeFileSync('packages/client/src/schema.ts', typescriptOf(schema))
writePromises(withAdditions(readPromises(), openapi(resourcesOf(capabilities)) as unknown as OpenApi))
writeFileSync('docs/reference/client-api.md', clientReference('.'))
writeFileSync('docs/performance.svg', pictureOf(readFileSync('docs/performance.md', 'utf8')))
writeFileSync(configuration, withVariables(readFileSync(configuration, 'utf8')))

/**
 * Returns a page whose table of environment variables, between two comments in the page, is replaced with the current
 * one.
 */
function withVariables(page: string): string {
  const rows = describedVariables().map(({ name, initial, text }) => [`\`${name}\``, initial && `\`${initial}\``, text])
  const table = [['variable', 'default', 'meaning'], ['---', '---', '---'], ...rows].map(
    row => `| ${row.join(' | ')} |`,
  )
  const [mark, end] = ['<!-- variables -->', '<!-- /variables -->']
  return page.replace(new RegExp(`${mark}[^]*${end}`), () => [mark, ...table, end].join('\n'))
}
