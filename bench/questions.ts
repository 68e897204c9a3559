import { isDeepStrictEqual } from 'node:util'
import { sessionsPath } from '../src/rest/resources/sessions'
import { randomFrom } from '../test/support/random'
import type { Filled } from './filling'
import type { Asked } from './load'
import { askGraphql, get, rest } from './paths'

/** A request, with the check of its response. */
export interface Question {
  asked: Asked
  isRight(answer: unknown): boolean
}

/** Creates the next question. Called after the response to the previous one. */
export type Ask = () => Question

export interface Path {
  name: string
  ask: Ask
  /** Number of transitions that the correct responses have acknowledged. */
  transitions: number
}

interface Listed {
  data: { session_id: string }[]
  pagination: { total: number }
}

interface Walked {
  data: { sessions: { nodes: { id: string }[]; pageInfo: { endCursor: string } } }
}

interface Read {
  session_id: string
  mentor_id: string
  state: string
}

const limit = 20
const walk = `query ($after: String) { sessions(first: ${limit}, after: $after) {
  nodes { id mentorId state version resultId createdAt updatedAt } pageInfo { endCursor } } }`

/** Lowest number of sessions in new calculations. Generated sessions have fewer. */
const inputsFrom = 1_000

function groupedBy(sessions: Filled[], nameOf: (session: Filled) => string): Map<string, Filled[]> {
  const groups = new Map<string, Filled[]>()
  for (const session of sessions) {
    const group = groups.get(nameOf(session))
    if (group) group.push(session)
    else groups.set(nameOf(session), [session])
  }
  return groups
}

/** Returns the paths to measure over these sessions, which no other client changes. Only the last path changes them. */
export function pathsOver(filled: Filled[]): Path[] {
  const random = randomFrom(filled.length)
  const any = (): Filled => filled[Math.floor(random() * filled.length)] as Filled
  const newest = filled.toReversed()
  const ofMentor = groupedBy(newest, ({ mentor_id }) => mentor_id)
  const loaded = newest.filter(({ state }) => state === 'loaded')
  const loadedOf = groupedBy(loaded, ({ organisation_id }) => organisation_id)
  const idsOf = (sessions: Filled[], from = 0): string[] =>
    sessions.slice(from, from + limit).map(({ session_id }) => session_id)

  const list = (selected: Filled[], query: string, page = 1): Question => ({
    asked: get(`${sessionsPath}?limit=${limit}&page=${page}${query}`),
    isRight(answer) {
      const { data, pagination } = answer as Listed
      const ids = data.map(({ session_id }) => session_id)
      return pagination.total === selected.length && isDeepStrictEqual(ids, idsOf(selected, (page - 1) * limit))
    },
  })

  let passed = 0
  let after: string | null = null
  const nextPage = (): Question => ({
    asked: askGraphql(walk, { after }),
    isRight(answer) {
      const { nodes, pageInfo } = (answer as Walked).data.sessions
      const ids = idsOf(newest, passed)
      passed = passed + limit < newest.length ? passed + limit : 0
      after = passed === 0 ? null : pageInfo.endCursor
      return isDeepStrictEqual(
        nodes.map(({ id }) => id),
        ids,
      )
    },
  })

  const read = ({ session_id, mentor_id, state }: Filled): Question => ({
    asked: rest.ask.read(session_id, 0),
    isRight(answer) {
      const held = answer as Read
      return held.session_id === session_id && held.mentor_id === mentor_id && held.state === state
    },
  })

  const dispatch: Path = {
    name: 'dispatch a calculation',
    transitions: 0,
    ask: () => {
      const { session_id } = any()
      return {
        asked: rest.ask.dispatch(session_id, inputsFrom + dispatch.transitions),
        isRight(answer) {
          const held = answer as Read
          dispatch.transitions += 2
          return held.session_id === session_id && held.state === 'loaded'
        },
      }
    },
  }

  const reading = (name: string, ask: Ask): Path => ({ name, ask, transitions: 0 })
  return [
    reading('page 1', () => list(newest, '')),
    reading('page 500', () => list(newest, '', 500)),
    reading('page of a mentor', () => {
      const { mentor_id } = any()
      return list(ofMentor.get(mentor_id) ?? [], `&mentor_id=${mentor_id}`)
    }),
    reading('page of an organisation, loaded sessions', () => {
      const { organisation_id } = any()
      return list(loadedOf.get(organisation_id) ?? [], `&organisation_id=${organisation_id}&state=loaded`)
    }),
    reading('page after page by cursor, GraphQL', nextPage),
    reading('read a session', () => read(any())),
    dispatch,
  ]
}
