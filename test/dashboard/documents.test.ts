import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildSchema, NoDeprecatedCustomRule, parse, specifiedRules, validate } from 'graphql'
import { listQuery } from '../../dashboard/src/graphql/documents'
import { dashboardDocuments } from '../support/dashboard-documents'

const schema = buildSchema(readFileSync(join(__dirname, '../../../schema.graphql'), 'utf8'))
const faults = (document: string): string[] =>
  validate(schema, parse(document), [...specifiedRules, NoDeprecatedCustomRule]).map(({ message }) => message)

test.each(Object.entries(dashboardDocuments))(
  'the dashboard’s %s uses existing fields of the schema, and nothing deprecated',
  (_, document) => {
    expect(faults(document)).toEqual([])
  },
)

test('an unknown field in a document is found', () => {
  expect(faults(listQuery.replace('timeValue', 'profit'))).toEqual([expect.stringContaining('"profit"')])
})
