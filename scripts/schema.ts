import { writeFileSync } from 'node:fs'
import { printSchema } from 'graphql'
import { schema } from '../src/resolvers/schema'
import { clientReference } from './client-reference'
import { typescriptOf } from './typescript'

writeFileSync('schema.graphql', `${printSchema(schema)}\n`)
writeFileSync('packages/client/src/schema.ts', typescriptOf(schema))
writeFileSync('docs/client-api.md', clientReference('.'))
