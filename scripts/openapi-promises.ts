import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { mapped, referenced } from '../src/rest/description/json-schemas'

/** What REST clients may rely on. `npm run schema` adds everything new to this file, and never removes a promise. */
const file = join(__dirname, '../../test/contract/openapi-promises.json')

/** Promises by operation (`GET /path`) and by the name of a component schema. */
export type Promises = Record<string, Promised>

interface Promised {
  /** What clients can use: names of parameters and members, values of enums, media types and responses. */
  offers: string[]
  /** Parameters and members that every request must have, or that every response has. */
  required: string[]
}

/** The part of an OpenAPI description that the promises cover. */
export interface OpenApi {
  paths: Record<string, Record<string, Operation>>
  components: { parameters: Record<string, Parameter>; schemas: Record<string, Schema> }
}

interface Operation {
  operationId: string
  parameters?: (Parameter | { $ref: string })[]
  requestBody?: { required?: boolean; content: Content }
  responses: Record<string, { content?: Content }>
}

interface Parameter {
  name: string
  in: string
  required?: boolean
  schema?: Schema
}

interface Schema {
  $ref?: string
  enum?: unknown[]
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  anyOf?: Schema[]
  oneOf?: Schema[]
}

type Content = Record<string, { schema: Schema }>

export const readPromises = (): Promises => JSON.parse(readFileSync(file, 'utf8')) as Promises

/** Writes one line for each operation and schema, so that a diff shows what changed. */
export function writePromises(promises: Promises): void {
  const lines = Object.keys(promises)
    .sort()
    .map(key => `  ${JSON.stringify(key)}: ${JSON.stringify(promises[key])}`)
  writeFileSync(file, `{\n${lines.join(',\n')}\n}\n`)
}

/** Returns what a description promises. */
function promisesOf({ paths, components }: OpenApi): Promises {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => [
      `${method.toUpperCase()} ${path}`,
      promisedOperation(operation, components.parameters),
    ]),
  )
  return { ...Object.fromEntries(operations), ...mapped(components.schemas, schema => promisedSchema(schema)) }
}

function promisedOperation(operation: Operation, shared: Record<string, Parameter>): Promised {
  const { operationId, parameters = [], requestBody, responses } = operation
  const resolved = parameters.map(parameter =>
    '$ref' in parameter ? (shared[lastSegment(parameter.$ref)] as Parameter) : parameter,
  )
  const named = resolved.map(parameter => ({ ...parameter, title: `${parameter.in} ${parameter.name}` }))
  return {
    offers: [
      `operationId ${operationId}`,
      ...named.flatMap(({ title, schema = {} }) => [title, ...promisedSchema(schema, title).offers]),
      ...mediaTypes('body', requestBody?.content),
      ...Object.entries(responses).flatMap(([status, { content }]) =>
        content ? mediaTypes(status, content) : [status],
      ),
    ],
    required: [
      ...named.filter(({ required }) => required).map(({ title }) => title),
      ...(requestBody?.required ? ['body'] : []),
    ],
  }
}

/** Returns each media type with the name of its schema, which generated clients use as a type. */
function mediaTypes(place: string, content: Content = {}): string[] {
  return Object.entries(content).map(([type, { schema }]) =>
    [place, type, ...(schema.$ref ? [lastSegment(schema.$ref)] : [])].join(' '),
  )
}

/** Returns what a schema promises. The members of an object inside it have the object's name as a prefix. */
function promisedSchema(schema: Schema, title = ''): Promised {
  const { enum: values = [], properties = {}, required = [], items, anyOf = [], oneOf = [] } = schema
  const pathOf = (name: string): string => (title ? `${title}.${name}` : name)
  const inner = [
    ...Object.entries(properties).map(([name, member]) => promisedSchema(member, pathOf(name))),
    ...[...(items ? [items] : []), ...anyOf, ...oneOf].map(part => promisedSchema(part, title)),
  ]
  return {
    offers: [
      ...values.map(value => `${title}=${value}`),
      ...Object.keys(properties).map(pathOf),
      ...inner.flatMap(({ offers }) => offers),
    ],
    required: [...required.map(pathOf), ...inner.flatMap(({ required }) => required)],
  }
}

const lastSegment = (reference: string): string => reference.slice(reference.lastIndexOf('/') + 1)

/** Returns a sentence for each promise that a description breaks. */
export function brokenPromises(promises: Promises, document: OpenApi): string[] {
  const present = promisesOf(document)
  const { isSent, isReceived } = directions(document)
  return Object.entries(promises).flatMap(([key, { offers, required }]) => {
    const now = present[key]
    if (!now) return [`${key} is gone`]
    return [
      ...without(offers, now.offers).map(offer => `${key}: ${offer} is gone`),
      ...(isSent(key) ? without(now.required, required) : []).map(name => `${key}: ${name} became required`),
      // The first line already reports members that are gone.
      ...(isReceived(key) ? without(required, now.required) : [])
        .filter(name => now.offers.includes(name))
        .map(name => `${key}: ${name} became optional`),
    ]
  })
}

/** Returns the promises, and everything that the description adds to them. */
export function withAdditions(promises: Promises, document: OpenApi): Promises {
  const { isSent, isReceived } = directions(document)
  const added = mapped(promisesOf(document), (now, key) => {
    const { offers, required } = promises[key] ?? now
    return {
      offers: [...offers, ...without(now.offers, offers)],
      required: [
        ...required.filter(name => isReceived(key) || now.required.includes(name)),
        ...(isSent(key) ? [] : without(now.required, required)),
      ],
    }
  })
  return { ...promises, ...added }
}

const without = (names: string[], others: string[]): string[] => names.filter(name => !others.includes(name))

/** Returns which operations and schemas describe what clients send, and which describe what they receive. */
function directions({ paths, components: { schemas } }: OpenApi) {
  const operations = Object.values(paths).flatMap(methods => Object.values(methods))
  const reached = (part: unknown): object => referenced(part, schemas as Record<string, Record<string, unknown>>)
  const sent = reached(operations.map(({ requestBody }) => requestBody ?? {}))
  const received = reached(operations.map(({ responses }) => responses))
  return {
    isSent: (key: string): boolean => key in sent || !(key in schemas),
    isReceived: (key: string): boolean => key in received,
  }
}
