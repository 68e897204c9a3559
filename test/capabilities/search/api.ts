import type { Result } from '../../../src/domain/session'
import {
  type Answer,
  type Api,
  type Filter,
  filterOf,
  type GraphqlApi,
  graphqlApi,
  type Json,
  queryOf,
  type RestApi,
  restApi,
} from '../../support/interfaces'
import type { Reachable } from '../../support/server'
import type { Groups } from '../totals/api'

/** A request to find a text. */
export interface FindRequest extends Filter {
  text: string
  limit?: number
}

/** What matches the text, with the label of each session. */
export interface Matches {
  mentors: Groups['groups']
  organisations: Groups['groups']
  sessions: { session_id: string; label: string | undefined }[]
  complete: boolean
}

/** REST or GraphQL, with the search. */
export type SearchApi = Api & { find(request: FindRequest): Promise<Answer<Matches>> }

export const withSearch = (api: RestApi | GraphqlApi): SearchApi => ({
  ...api,
  find: api.name === 'rest' ? overRest(api) : overGraphql(api),
})

/** Describes one suite over REST and over GraphQL. */
export function overSearchInterfaces(server: Reachable, body: (api: SearchApi) => void): void {
  for (const api of [restApi(server), graphqlApi(server)].map(withSearch)) {
    describe(`over ${api.name}`, () => body(api))
  }
}

const labelled = (sessions: unknown): Matches['sessions'] =>
  (sessions as { session_id: string; result: Result }[]).map(({ session_id, result }) => ({
    session_id,
    label: result.inputs.label,
  }))

const overRest =
  ({ read }: RestApi): SearchApi['find'] =>
  request =>
    read(`/api/v1/benefit-search?${queryOf(request)}`, ({ mentors, organisations, sessions, complete }) => ({
      mentors: (mentors as Json[]).map(({ mentor_id: id, ...totals }) => ({ id, ...totals })),
      organisations: (organisations as Json[]).map(({ organisation_id: id, ...totals }) => ({ id, ...totals })),
      sessions: labelled(sessions),
      complete,
    }))

const overGraphql =
  ({ ask }: GraphqlApi): SearchApi['find'] =>
  async ({ text, limit, ...filter }) => {
    const asked = `query ($text: String!, $filter: SessionFilter, $first: Int) {
      find(text: $text, filter: $filter, first: $first) {
        mentors { id sessions results amounts { ...Amounts } }
        organisations { id sessions results amounts { ...Amounts } }
        sessions { session_id: id result { inputs { label } } } complete } }`
    const { refusal, data } = await ask(asked, { text, filter: filterOf(filter), first: limit })
    const found = data.find as Matches
    return refusal ?? { ok: true, ...found, sessions: labelled(found.sessions) }
  }
