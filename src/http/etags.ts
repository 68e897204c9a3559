import type { IncomingMessage } from 'node:http'
import { DomainError } from '../domain/errors'

/** Value of an If-Match or If-None-Match header: entity tags, or `*` (RFC 9110 §13.1). */
type Tags = string[] | '*'

// Each character can match only one part of this regular expression, so matching never backtracks.
const tagList =
  /^[ \t,]*(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"[ \t]*(?:,[ \t]*(?:(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"[ \t]*)?)*$/

/** Returns undefined if the value is malformed. */
export function tagsIn(field: string): Tags | undefined {
  if (field.trim() === '*') return '*'
  return tagList.test(field) ? (field.match(/(?:W\/)?"[^"]*"/g) ?? []) : undefined
}

/** Returns undefined if the header is missing. Throws `invalid_request` if it is malformed. */
export function tagsOf({ headers }: IncomingMessage, header: 'If-Match' | 'If-None-Match'): Tags | undefined {
  const field = headers[header === 'If-Match' ? 'if-match' : 'if-none-match']
  if (field === undefined) return undefined
  const tags = tagsIn(field)
  if (tags !== undefined) return tags
  const detail = 'must be * or a list of entity tags such as "3"'
  throw new DomainError('invalid_request', { errors: [{ detail, header }] })
}

export const isWeak = (tag: string): boolean => tag.startsWith('W/')

/** Returns an entity tag without its `W/` prefix, for weak comparison. */
export const opaque = (tag: string): string => (isWeak(tag) ? tag.slice(2) : tag)

/** Compares entity tags strongly, for `If-Match` (RFC 9110 §8.8.3.2, §13.1.1). A weak tag never matches. */
export const matchesStrongly = (tags: Tags, tag: string): boolean =>
  tags === '*' || (!isWeak(tag) && tags.includes(tag))

/** Compares entity tags weakly, for `If-None-Match` (RFC 9110 §8.8.3.2, §13.1.2). */
export const matchesWeakly = (tags: Tags, tag: string): boolean =>
  tags === '*' || tags.map(opaque).includes(opaque(tag))
