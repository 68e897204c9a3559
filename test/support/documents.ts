import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse as parseSource } from '@babel/parser'
import { type DocumentNode, Kind, parse } from 'graphql'

interface Node {
  type: string
  [member: string]: unknown
}

const isNode = (value: unknown): value is Node => typeof (value as Node | null)?.type === 'string'

export function* nodesOf(value: unknown): Generator<Node> {
  if (isNode(value)) yield value
  if (typeof value !== 'object' || value === null) return
  for (const [name, member] of Object.entries(value)) if (name !== 'loc') yield* nodesOf(member)
}

export const programOf = (source: string): unknown =>
  parseSource(source, { sourceType: 'module', plugins: ['typescript', 'decorators-legacy'] }).program

function textOf({ type, value, quasis }: Node): string | undefined {
  if (type === 'StringLiteral') return String(value)
  if (type !== 'TemplateLiteral') return undefined
  const [whole, ...others] = quasis as { value: { cooked: string } }[]
  return others.length === 0 ? whole?.value.cooked : undefined
}

function documentOf(text: string): DocumentNode | undefined {
  try {
    return parse(text)
  } catch {
    return undefined
  }
}

/** Returns the GraphQL operations in the test sources, by text. */
export function operationsOfTheTests(): Map<string, DocumentNode> {
  const root = join(__dirname, '../../../test')
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.ts'))
  const literals = files.flatMap(name => [...nodesOf(programOf(readFileSync(join(root, name), 'utf8')))].map(textOf))
  const found = new Map<string, DocumentNode>()
  for (const text of literals) {
    const document = text?.includes('{') ? documentOf(text) : undefined
    if (document?.definitions.some(({ kind }) => kind === Kind.OPERATION_DEFINITION)) found.set(String(text), document)
  }
  return found
}
