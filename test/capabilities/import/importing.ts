import type { Outcome } from '../../../src/capabilities/import/model'
import { type RawAnswer, send } from '../../support/raw'
import type { Reachable } from '../../support/server'

export const path = '/api/v1/benefit-imports'
export const ndjson = { 'Content-Type': 'application/x-ndjson' }

export interface Imported {
  lines: Outcome[]
  /** The last line. */
  last: object
}

/** A line of an import: an object, or the text itself. */
export type Line = object | string

export const bodyOf = (lines: Line[]): string =>
  lines.map(line => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('')

/** Parses the response to an import. */
export function importedIn({ status, headers, text }: Pick<RawAnswer, 'status' | 'headers' | 'text'>): Imported {
  if (status !== 200) throw new Error(`${status} ${text}`)
  expect(headers['content-type']).toBe('application/x-ndjson')
  expect(text.endsWith('\n')).toBe(true)
  const lines = text
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))
  return { lines: lines.slice(0, -1), last: lines.at(-1) }
}

/** Imports these lines. */
export const imported = async (
  server: Reachable,
  lines: Line[],
  { query = '', headers = {} }: { query?: string; headers?: object } = {},
): Promise<Imported> =>
  importedIn(await send(server.url, 'POST', path + query, { ...ndjson, ...headers }, bodyOf(lines)))
