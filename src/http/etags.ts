import type { IncomingMessage } from 'node:http'
import { DomainError } from '../domain/errors'

/** What an If-Match or If-None-Match states (RFC 9110 §13.1). */
type Tags = string[] | '*'

// Whatever comes next can be matched in one way alone: nothing here backtracks.
const tagList =
  /^[ \t,]*(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"[ \t]*(?:,[ \t]*(?:(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"[ \t]*)?)*$/

/** The tags of a field, or `*`; undefined where it is malformed. */
export function tagsIn(field: string): Tags | undefined {
  if (field.trim() === '*') return '*'
  return tagList.test(field) ? (field.match(/(?:W\/)?"[^"]*"/g) ?? []) : undefined
}

/** The tags that a request states; undefined where it has no such field, invalid_request where that is malformed. */
export function tagsOf({ headers }: IncomingMessage, header: 'If-Match' | 'If-None-Match'): Tags | undefined {
  const field = headers[header === 'If-Match' ? 'if-match' : 'if-none-match']
  if (field === undefined) return undefined
  const tags = tagsIn(field)
  if (tags !== undefined) return tags
  const detail = 'must be * or a list of entity tags such as "3"'
  throw new DomainError('invalid_request', { errors: [{ detail, header }] })
}

export const isWeak = (tag: string): boolean => tag.startsWith('W/')

/** What a weak comparison compares: the tag without its weakness. */
export const opaque = (tag: string): string => (isWeak(tag) ? tag.slice(2) : tag)

/** The strong comparison of If-Match (RFC 9110 §8.8.3.2, §13.1.1): a weak tag matches nothing. */
export const matchesStrongly = (tags: Tags, tag: string): boolean =>
  tags === '*' || (!isWeak(tag) && tags.includes(tag))

/** The weak comparison of If-None-Match (RFC 9110 §8.8.3.2, §13.1.2). */
export const matchesWeakly = (tags: Tags, tag: string): boolean =>
  tags === '*' || tags.map(opaque).includes(opaque(tag))
