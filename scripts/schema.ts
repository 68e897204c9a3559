import { writeFileSync } from 'node:fs'
import { printSchema } from 'graphql'
import { schema } from '../src/resolvers/schema'

writeFileSync('schema.graphql', `${printSchema(schema)}\n`)
