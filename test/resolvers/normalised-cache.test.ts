import { ApolloClient, gql, HttpLink, InMemoryCache, type TypedDocumentNode } from '@apollo/client'
import type { Write } from '../../src/db/store'
import { base } from '../support/interfaces'
import { client, problem } from '../support/rest'
import { serving } from '../support/server'
import { calculation, changing, stored } from '../support/sessions'
import { overStores } from '../support/stores'

const result_id = 'calc_12345678'

/** Returns the same write, whose result has the id `result_id`. */
const withSameId = (write: Write): Write =>
  JSON.parse(JSON.stringify(write).replaceAll(String(write.session.result_id), result_id))

interface Result {
  id: string
  resultId: string
  inputs: { sessions: number }
}

const query: TypedDocumentNode<{ session: { result: Result; results: Result[] } }, { id: string }> = gql`
  query ($id: ID!) { session(id: $id) { id result { ...Shown } results { ...Shown } } }
  fragment Shown on Result { id resultId inputs { sessions } }
`

interface PastSession {
  sessionId: string
  state: string
  version: number
}
const history: TypedDocumentNode<
  { session: { state: string; transitions: { to: string; snapshot: PastSession }[] } },
  { id: string }
> = gql`
  query ($id: ID!) { session(id: $id) { id state version transitions { to snapshot { sessionId state version } } } }
`

overStores(({ newDatabase }) => {
  const server = serving(newDatabase)
  const { get } = client(server)

  /** Stores a session for each of these inputs. The results of the sessions have the same result id. */
  const sessionsWith = (...inputs: number[]): Promise<string[]> =>
    Promise.all(
      inputs.map(async sessions => {
        const session = await stored(server.store)
        const write = withSameId(changing(session, calculation(sessions)))
        expect(await server.store.sessions.save(write, session.version)).toBe(true)
        return session.session_id
      }),
    )

  /** Reads sessions with Apollo Client, and returns what its cache then has of them. */
  async function cached(ids: string[]) {
    const apollo = new ApolloClient({
      cache: new InMemoryCache(),
      link: new HttpLink({ uri: `${server.url}/graphql` }),
    })
    for (const id of ids) await apollo.query({ query, variables: { id } })
    const sessions = ids.map(id => apollo.readQuery({ query, variables: { id } })?.session)
    apollo.stop()
    return sessions
  }

  test("Apollo Client's cache has each session's own result, even if the results have the same result id", async () => {
    const results = [460, 46].map(sessions => ({ resultId: result_id, inputs: { sessions } }))
    expect(await cached(await sessionsWith(460, 46))).toMatchObject(
      results.map(result => ({ result, results: [result] })),
    )
  })

  test("Apollo Client's cache keeps a session as it is now apart from its past states", async () => {
    const session = await stored(server.store)
    await server.store.sessions.save(changing(session, calculation(46)), session.version)
    const apollo = new ApolloClient({
      cache: new InMemoryCache(),
      link: new HttpLink({ uri: `${server.url}/graphql` }),
    })
    const variables = { id: session.session_id }
    await apollo.query({ query: history, variables })
    const cached = apollo.readQuery({ query: history, variables })?.session
    apollo.stop()
    expect(cached?.state).toBe('LOADED')
    expect(cached?.transitions.map(({ to, snapshot }) => [to, snapshot])).toEqual(
      ['INITIAL', 'LOADING', 'LOADED'].map((state, i) => [
        state,
        expect.objectContaining({ sessionId: session.session_id, state, version: i + 1 }),
      ]),
    )
  })

  test('REST also reads a result by the id that GraphQL shows, but only in its own session', async () => {
    const ids = await sessionsWith(460, 46)
    const [first, second] = (await cached(ids)).map(session => session?.result.id)
    expect(JSON.parse((await get(`${base}/${ids[0]}/results/${first}`)).text)).toEqual(
      JSON.parse((await get(`${base}/${ids[0]}/results/${result_id}`)).text),
    )
    expect(problem(await get(`${base}/${ids[0]}/results/${second}`)).code).toBe('result_not_found')
  })
})
