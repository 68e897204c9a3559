import { z } from 'zod'
import { exampleOf } from '../../domain/example'
import { filterOf } from '../../domain/list-query'
import { sendCompressedJson } from '../../http/compression'
import { examples } from '../../rest/description/examples'
import { component } from '../../rest/description/json-schemas'
import { type Handler, numberOf, type Resource } from '../../rest/resource'
import { filterParameters, fullBody, selecting, sessionSchema } from '../../rest/resources/sessions'
import { groupSchema } from '../totals/model'
import { groupBody, groupSchemas, tag } from '../totals/rest'
import { findLimitDefault, findLimitSchema, findTextSchema, foundSchema } from './model'
import type { Found } from './search'

export const searchPath = '/api/v1/benefit-search'

const searchQuery = selecting(
  z.strictObject({
    text: findTextSchema.describe(
      'Beginnings of words to find in ids and labels, in any order. Ignores case, accents and apostrophes. 1 to 120 characters.',
    ),
    ...filterParameters,
    limit: z
      .preprocess(numberOf, findLimitSchema.default(findLimitDefault))
      .describe('Maximum number of matches per kind (mentors, organisations, sessions).'),
  }),
)

const { mentors, organisations, complete } = foundSchema.shape

const matchesSchema = component(
  'Matches',
  z.strictObject({
    mentors: z.array(groupSchemas.mentor_id).meta({ description: mentors.description }),
    organisations: z.array(groupSchemas.organisation_id).meta({ description: organisations.description }),
    sessions: z
      .array(sessionSchema)
      .describe(
        'Sessions with a label whose label, mentor and organisation together have words that begin with the words of the search text, newest first, with all members of `view=full`.',
      ),
    complete,
  }),
)

const matchesBody = ({ mentors, organisations, sessions, complete }: Found) => ({
  mentors: mentors.map(group => groupBody('mentor_id', group)),
  organisations: organisations.map(group => groupBody('organisation_id', group)),
  sessions: sessions.map(fullBody),
  complete,
})

const find: Handler<z.output<typeof searchQuery>> = async ({
  response,
  useCases: { search },
  query: { text, limit, ...query },
}) => {
  const found = await search.find(filterOf(query), { text, first: limit })
  await sendCompressedJson(response, JSON.stringify(matchesBody(found)))
}

export const searchResources: Resource[] = [
  {
    path: searchPath,
    get: {
      handler: find,
      id: 'search',
      tag,
      summary: 'Find mentors, organisations and sessions',
      description:
        'Finds mentors and organisations by the words of their id, and sessions with a label by the words of their label, mentor and organisation together. Each word of the search text must be the beginning of a word, in any order. The search ignores case, accents and apostrophes: `gross` finds `Größe`, and `obrien emma` finds `Emma O’Brien`. The search covers only sessions that match the filter.',
      query: searchQuery,
      responses: {
        200: {
          description: 'The matching mentors, organisations and sessions.',
          body: matchesSchema,
          example: matchesBody({
            mentors: [exampleOf(groupSchema)],
            organisations: [],
            sessions: [examples.exported],
            complete: true,
          }),
        },
      },
    },
  },
]
