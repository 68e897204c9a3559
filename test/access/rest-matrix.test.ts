import type { ErrorCode } from '../../src/domain/errors'
import { openapi } from '../../src/rest/description/openapi'
import { capabilityConfig, operations } from '../capabilities'
import {
  accessWorld,
  type CallerName,
  callerNames,
  expectedOutcome,
  type OwnerName,
  ownerNames,
} from '../support/access'
import { resources } from '../support/described'
import { type Described, Description } from '../support/description'
import { eventsUntil } from '../support/event-stream'
import {
  asked,
  contentOf,
  type Found,
  type MediaType,
  type Operation,
  type RestRequest,
  restRequestsOf,
  typesOf,
} from '../support/operation'
import { provocationOf } from '../support/provoked'
import type { RawAnswer } from '../support/raw'
import { overStores } from '../support/stores'

type Row = Operation & { request: RestRequest }

/** One row for each media type of each request, with its name. */
const rows = operations.flatMap(operation =>
  restRequestsOf(operation).flatMap(request =>
    typesOf(request).map((type): [string, MediaType, Row] => [
      `${request.at} as ${type}`,
      type,
      { ...operation, request },
    ]),
  ),
)

/** Returns the outcome that a row states, in the form of `outcome` below. */
function expectedOf(row: Row, caller: CallerName, owner: OwnerName): string {
  const { outside, status = 200, shows, follows } = row.request
  switch (expectedOutcome(row, caller, owner)) {
    case 'granted':
      return shows || follows ? `${status} some` : `${status}`
    case 'outside':
      return outside ? `${provocationOf(outside).status} ${outside}` : `${status} none`
    case 'forbidden':
      return '403 forbidden'
    case 'unauthenticated':
      return '401 unauthenticated'
  }
}

async function inTurn<T>(work: (() => Promise<T>)[]): Promise<T[]> {
  const done: T[] = []
  for (const one of work) done.push(await one())
  return done
}

const describedIn = ({ paths }: Described) =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ at: `${method.toUpperCase()} ${path}`, ...operation })),
  )

overStores(({ newDatabase }) => {
  const world = accessWorld(newDatabase, { config: capabilityConfig })
  const description = new Description(openapi(resources) as unknown as Described)

  /** Returns the response: the status, the code of a problem, and whether it showed anything. */
  async function outcome(
    row: Row,
    type: MediaType,
    caller: CallerName,
    owner: OwnerName,
    last: Found,
  ): Promise<string> {
    const { request, consumes } = row
    const isGranted = expectedOutcome(row, caller, owner) === 'granted'
    const of = consumes && isGranted ? await world.fresh(owner) : world.found[owner]
    const { method, path, body } = asked(request, of, world.origin)
    const answer =
      type === 'text/event-stream'
        ? await followed(caller, path, request.follows ? of.session_id : undefined, last)
        : await world.rest(caller).call(method, path, { ...contentOf(request), Accept: type }, body)
    const { status, headers, text } = answer
    if (headers['content-type']) description.answer(method, path, answer)
    if (status >= 400) return `${status} ${JSON.parse(text).code}`
    const refusal = request.refusal?.(text) as ErrorCode | undefined
    if (refusal) return `${provocationOf(refusal).status} ${refusal}`
    const shown = 'shown' in answer ? answer.shown : request.shows?.(text, of)
    return shown === undefined ? `${status}` : `${status} ${shown ? 'some' : 'none'}`
  }

  /**
   * Reads a stream up to its first event, or up to the last session. Then also returns whether `session_id` came
   * before.
   */
  async function followed(
    caller: CallerName,
    path: string,
    session_id: string | undefined,
    last: Found,
  ): Promise<RawAnswer & { shown?: boolean }> {
    const authorization = world.authorization(caller)
    const { status, events, rest } = await eventsUntil(
      world.server.url + path,
      ({ data }) => session_id === undefined || data.includes(last.session_id),
      { headers: { ...(authorization && { Authorization: authorization }) } },
    )
    const shown = session_id && { shown: events.some(({ data }) => data.includes(session_id)) }
    return { status, headers: {}, text: rest, ...shown }
  }

  test.each(rows)('each caller gets from %s exactly its scope', async (_, type, row) => {
    const last = row.request.follows ? await world.fresh('a') : world.found.a
    for (const caller of callerNames) {
      const outcomes = ownerNames.map(owner => () => outcome(row, type, caller, owner, last))
      const got = await (row.request.isStream ? inTurn(outcomes) : Promise.all(outcomes.map(ask => ask())))
      expect({ caller, got }).toEqual({ caller, got: ownerNames.map(owner => expectedOf(row, caller, owner)) })
    }
  })

  test('every operation of the description has rows, one for each media type of its responses', async () => {
    const served = JSON.parse((await world.rest('without a token').get('/openapi.json')).text) as Described
    const described = describedIn(served).flatMap(({ at, responses }) =>
      Object.entries(responses)
        .filter(([status]) => status.startsWith('2'))
        .flatMap(([, { content = {} }]) => Object.keys(content).map(type => `${at} as ${type}`)),
    )
    expect(rows.map(([name]) => name).sort()).toEqual(described.sort())
  })

  test('the description marks exactly those operations as authenticated that refuse a request without a token', () => {
    for (const { at, responses } of describedIn(description.document)) {
      const [, , row] = rows.find(([, , { request }]) => request.at === at) ?? []
      expect({ at, refuses: '401' in responses }).toEqual({ at, refuses: row?.access !== 'anyone' })
    }
  })
})
