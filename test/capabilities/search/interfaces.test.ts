import { inputsOf } from '../../support/inputs'
import { done, graphqlApi, refused, restApi, type Who } from '../../support/interfaces'
import { clockAt, serving } from '../../support/server'
import { overStores } from '../../support/stores'
import { type FindRequest, overSearchInterfaces, type SearchApi, withSearch } from './api'

overStores(({ newDatabase }) => {
  const clock = clockAt('2026-02-10T12:00:00.000Z')
  const server = serving(newDatabase, { clock })
  const of: Record<string, string> = {}

  async function add(who: Who, label?: string, to?: string): Promise<string> {
    const { session_id } = (await server.sessions.start(who)).session
    const payload = { ...inputsOf(1), ...(label && { label }), ...(to && { period: { from: '2026-01-01', to } }) }
    await server.sessions.dispatch(session_id, { event: 'CalculateRequested', payload })
    return session_id
  }

  beforeAll(async () => {
    const ann = { mentor_id: 'Ann-Zoë Großmann', organisation_id: 'Schule Nørrebro' }
    const bo = { mentor_id: 'bo', organisation_id: 'Größe 1' }
    const added: [string, Who, string?, string?][] = [
      ['spring', ann, 'Spring 2026, Year 9 reading'],
      ['summer', ann, 'Été 2026', '2026-07-31'],
      ['big', bo, 'GRÖSSE der Gruppe', '2026-03-31'],
      ['free', { mentor_id: 'free' }, 'Reading, off-spring'],
      ['none', bo],
    ]
    for (const [i, [name, who, label, to]] of added.entries()) {
      clock.set(`2026-02-10T12:00:0${i}.000Z`)
      of[name] = await add(who, label, to)
    }
  })

  /** Returns the ids of the mentors and organisations and the names of the sessions that are found. */
  async function found(api: SearchApi, request: FindRequest) {
    const { mentors, organisations, sessions, complete } = done(await api.find(request))
    expect(complete).toBe(true)
    return [
      mentors.map(({ id }) => id),
      organisations.map(({ id }) => id),
      sessions.map(({ session_id }) => Object.keys(of).find(name => of[name] === session_id)),
    ]
  }

  overSearchInterfaces(server, api => {
    test.each<[string, object, unknown[]]>([
      ['gross', {}, [['Ann-Zoë Großmann'], ['Größe 1'], ['big', 'summer', 'spring']]],
      ['zoe', {}, [['Ann-Zoë Großmann'], [], ['summer', 'spring']]],
      ['  ZOË ', {}, [['Ann-Zoë Großmann'], [], ['summer', 'spring']]],
      ['spring', {}, [[], [], ['free', 'spring']]],
      ['pring', {}, [[], [], []]],
      ['year 9', {}, [[], [], ['spring']]],
      ['reading SPRING', {}, [[], [], ['free', 'spring']]],
      ["gross'mann ann", {}, [['Ann-Zoë Großmann'], [], ['summer', 'spring']]],
      ['read zoe schul', {}, [[], [], ['spring']]],
      ['bo grup', {}, [[], [], ['big']]],
      ['zoe gruppe', {}, [[], [], []]],
      ['norrebro', {}, [[], ['Schule Nørrebro'], ['summer', 'spring']]],
      ['ete', {}, [[], [], ['summer']]],
      ['nø', {}, [[], ['Schule Nørrebro'], ['summer', 'spring']]],
      ['b', { organisation_id: 'Größe 1' }, [['bo'], [], ['big']]],
      ['reading', { organisation_id: 'Schule Nørrebro' }, [[], [], ['spring']]],
      ['reading', { mentor_id: 'free' }, [[], [], ['free']]],
      ['r', { mentor_id: 'bo' }, [[], [], []]],
      ['g', { from: '2026-03' }, [['Ann-Zoë Großmann'], ['Größe 1'], ['big', 'summer']]],
      ['s', { to: '2026-02', state: 'loaded' }, [[], ['Schule Nørrebro'], ['free', 'spring']]],
      ['s', { state: 'error' }, [[], [], []]],
      ['\u0301', {}, [[], [], []]],
      ['nothing', {}, [[], [], []]],
    ])(
      '%j with %j finds mentors, organisations and sessions with words that begin with its words',
      async (text, filter, expected) => {
        expect(await found(api, { text, ...filter })).toEqual(expected)
      },
    )

    test('a match has its totals or its label, and only so many of each kind are returned, those that come first', async () => {
      const { mentors, organisations, sessions } = done(await api.find({ text: 'g', limit: 1 }))
      expect(mentors).toMatchObject([
        { id: 'Ann-Zoë Großmann', sessions: 2, results: 2, amounts: [{ sessions_held: 2 }] },
      ])
      expect(organisations).toMatchObject([{ id: 'Größe 1', sessions: 2, results: 2 }])
      expect(sessions).toEqual([{ session_id: of.big, label: 'GRÖSSE der Gruppe' }])
    })

    test.each([
      ['text', { text: ' ' }],
      ['text', { text: 'x'.repeat(121) }],
      ['text', { text: 'a\u0000' }],
      ['limit', { text: 'a', limit: 0 }],
      ['limit', { text: 'a', limit: 51 }],
      ['to', { text: 'a', from: '2026-02', to: '2026-01' }],
    ])('%s is refused in %j', async (_, request) => {
      const answer = await api.find(request)
      expect(answer).toMatchObject(
        api.name === 'rest'
          ? { ...refused('invalid_query'), facts: { errors: [{ parameter: _ }] } }
          : {
              ...refused('validation_failed'),
              facts: { errors: [{ pointer: expect.stringMatching(/text|first|to/) }] },
            },
      )
    })

    test('a changed, reset or closed session is found by its former label no more', async () => {
      const id = await add({ mentor_id: 'changing' }, 'Before the change')
      const sessionsWith = async (text: string) => done(await api.find({ text })).sessions.map(one => one.session_id)
      expect(await sessionsWith('before the')).toEqual([id])
      done(await api.dispatch(id, 'CalculateRequested', { ...inputsOf(1), label: 'After the change' }))
      expect(await sessionsWith('before the')).toEqual([])
      expect(await sessionsWith('after the')).toEqual([id])
      done(await api.dispatch(id, 'ResetRequested'))
      expect(await sessionsWith('after the')).toEqual([])
      done(await api.dispatch(id, 'CalculateRequested', { ...inputsOf(2), label: 'Again' }))
      expect(await sessionsWith('again')).toEqual([id])
      done(await api.close(id))
      expect(await sessionsWith('again')).toEqual([])
      expect(done(await api.find({ text: 'changing' })).mentors).toEqual([])
    })
  })

  // An erasure on MongoDB takes seconds, in which it only waits.
  test.concurrent.each([restApi(server), graphqlApi(server)].map(withSearch))(
    'an erased mentor is found no more over $name, nor are its sessions',
    async api => {
      const mentor_id = `erased over ${api.name}`
      await add({ mentor_id, organisation_id: `of the ${mentor_id}` }, `By the ${mentor_id}`)
      const found = async () => done(await api.find({ text: `the ${mentor_id}` }))
      expect(await found()).toMatchObject({ organisations: [{}], sessions: [{}] })
      done(await api.erase(mentor_id))
      expect(await found()).toEqual({ ok: true, mentors: [], organisations: [], sessions: [], complete: true })
      expect(done(await api.find({ text: mentor_id })).mentors).toEqual([])
    },
  )
})
