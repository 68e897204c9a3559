import { GraphQLError, GraphQLScalarType } from 'graphql'
import type { SortKey } from '../domain/sort-key'
import { shownTime } from '../domain/timestamp'

export const DateTime = new GraphQLScalarType({
  name: 'DateTime',
  description: 'UTC time in whole seconds, in the format of RFC 3339: 2026-03-26T09:15:00Z.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3339',
  serialize: time => shownTime(String(time)),
})

export type OrderKey = SortKey['key']

export const OrderKey = new GraphQLScalarType<OrderKey, OrderKey>({
  name: 'OrderKey',
  description:
    'Sort key of a session in one sort order: a string or a whole number. Null comes last. Ties are ordered by id.',
  serialize: key => key as OrderKey,
})

export const DateScalar = new GraphQLScalarType<string, string>({
  name: 'Date',
  description: 'A date such as 2026-03-31.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3339#section-5.6',
  // The domain checks that the date exists, because only the domain's errors can point to the invalid member.
  parseValue(value) {
    if (typeof value !== 'string') throw new GraphQLError('A date must be a string such as "2026-03-31".')
    return value
  },
})
