import { z } from 'zod'
import { labelCharacters } from '../../domain/limits'
import { snapshotSchema } from '../../domain/session'
import { trimmedTextSchema } from '../../domain/text'
import { groupSchema } from '../totals/model'

export const foundSchema = z.strictObject({
  mentors: z
    .array(groupSchema)
    .describe(
      'Mentors whose id has words that begin with the words of the search text. Mentors with the most sessions come first.',
    ),
  organisations: z
    .array(groupSchema)
    .describe(
      'Organisations whose id has words that begin with the words of the search text. Organisations with the most sessions come first.',
    ),
  sessions: z
    .array(snapshotSchema)
    .describe(
      'Sessions with a label whose label, mentor and organisation together have words that begin with the words of the search text, newest first.',
    ),
  complete: z.boolean().describe('Always true: the server searches everything that the filter selects.'),
})

/** Schemas of the search text and of the maximum number of matches per kind. */
export const findTextSchema = trimmedTextSchema(labelCharacters)
export const findLimitSchema = z.number().min(1).max(50).int()
export const findLimitDefault = 5
