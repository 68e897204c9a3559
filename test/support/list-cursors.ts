import { randomBytes } from 'node:crypto'
import { ListCursors } from '../../src/sessions/list-cursors'
import { inputs } from './inputs'
import { done, query, restApi } from './interfaces'
import { client } from './rest'
import { type Reachable, type Server, serving } from './server'
import { overStores } from './stores'

/** A list that has more than one page. */
interface List {
  name: string
  /** Lists of one kind accept each other's cursors. */
  kind: string
  /** Returns the cursor of the first page. */
  first(server: Reachable): Promise<string>
  /** Requests the page after a cursor. Returns the code of the refusal, in lower case, or the ids on the page. */
  after(server: Reachable, cursor: string): Promise<string | unknown[]>
}

export const restList = (
  kind: string,
  path: string,
  next: (body: Body, link: string) => string | null | undefined,
): List => {
  const read = async (server: Reachable, more = '') => {
    const { text, headers } = await client(server).get(`${path}limit=1${more}`)
    return { body: JSON.parse(text) as Body, link: String(headers.link) }
  }
  return {
    name: `GET ${path}`,
    kind,
    async first(server) {
      const { body, link } = await read(server)
      return next(body, link) ?? ''
    },
    async after(server, cursor) {
      const { body } = await read(server, `&after=${encodeURIComponent(cursor)}`)
      return body.code ?? body.data
    },
  }
}

interface Body {
  code?: string
  data: unknown[]
  pagination: { next?: string | null }
}

export const graphqlList = (kind: string, field: string, node: string): List => {
  const read = async (server: Reachable, after?: string) => {
    const text = `query ($after: String) { list: ${field}(first: 1, after: $after) { edges { cursor node { ${node} } }
      pageInfo { startCursor endCursor } } }`
    const { data, errors } = await query(server, text, { after })
    const list = data?.list as { edges: { cursor: string; node: object }[]; pageInfo: Record<string, string> }
    return { list, code: errors?.[0]?.extensions.code as string | undefined }
  }
  return {
    name: field,
    kind,
    async first(server) {
      const { edges, pageInfo } = (await read(server)).list
      expect(pageInfo).toEqual({ startCursor: edges[0]?.cursor, endCursor: edges[0]?.cursor })
      return edges[0]?.cursor ?? ''
    },
    async after(server, cursor) {
      const { list, code } = await read(server, cursor)
      return code?.toLowerCase() ?? list.edges.map(({ node }) => node)
    },
  }
}

export const nextOfBody = ({ pagination }: Body) => pagination.next
export const nextOfLink = (_: Body, link: string) => /[?&]after=([\w-]+)[^>]*>; rel="next"/.exec(link)?.[1]

/** Starts two sessions with share links, each with its own mentor and organisation. */
async function fill(server: Server): Promise<void> {
  const { start, dispatch } = restApi(server)
  for (const mentor_id of ['a', 'b']) {
    const { session } = done(await start({ mentor_id, organisation_id: `of ${mentor_id}` }))
    done(await dispatch(session.session_id, 'CalculateRequested', inputs))
    done(await dispatch(session.session_id, 'ShareRequested'))
  }
}

const encoded = (members: unknown[]): string => Buffer.from(JSON.stringify(members)).toString('base64url')
const membersOf = (cursor: string): unknown[] => JSON.parse(Buffer.from(cursor, 'base64url').toString())
const other = (character = ''): string => (character === 'A' ? 'B' : 'A')

function alteredVersions(cursor: string): string[] {
  const members = membersOf(cursor)
  return [
    ...Array.from({ length: 12 }, (_, i) => Math.floor(((cursor.length - 1) * i) / 11)).map(
      i => cursor.slice(0, i) + other(cursor[i]) + cursor.slice(i + 1),
    ),
    cursor.slice(0, -1),
    `${cursor}=`,
    `${cursor}.`,
    ` ${cursor}`,
    encoded(members.slice(0, -1)),
    encoded([...members, members.at(-1)]),
    encoded(members.toSpliced(-2, 1, `${members.at(-2)}1`)),
    new ListCursors({ secret: randomBytes(32) }).encode('sessions', members.slice(0, -1)),
  ]
}

/** Describes a suite about list cursors: only unaltered cursors of the same list are accepted. */
export function describeCursors(lists: List[]): void {
  overStores(({ newDatabase }) => {
    const server = serving(newDatabase)
    beforeAll(() => fill(server))

    test.each(lists)('$name accepts its own cursor, and refuses each altered version', async ({ first, after }) => {
      const cursor = await first(server)
      expect(await after(server, cursor)).toHaveLength(1)
      for (const version of alteredVersions(cursor))
        expect([version, await after(server, version)]).toEqual([version, 'invalid_cursor'])
    })

    test('the cursor of another list is refused', async () => {
      const cursors = await Promise.all(lists.map(({ first }) => first(server)))
      for (const [i, { after }] of lists.entries())
        for (const [j, cursor] of cursors.entries())
          if (lists[i]?.kind !== lists[j]?.kind) expect(await after(server, cursor)).toBe('invalid_cursor')
    })
  })
}
