import type { Write } from '../../src/db/store'
import type { Filter } from '../../src/domain/list-query'
import { type Command, type Session, type Share, withoutHistory } from '../../src/domain/session'
import { type LinkPosition, madeAt, type SharedLink } from '../../src/domain/shared-link'
import { dayMs } from '../../src/domain/timestamp'
import { selects } from '../support/filters'
import { calculation, changing, closing, noon, revoking, secondsAfter, stored } from '../support/sessions'
import { overStores, suiteDatabase } from '../support/stores'
import { until } from '../support/until'

const shareFor = (expires_in_days: number) =>
  ({ event: 'ShareRequested', payload: { expires_in_days } }) as const satisfies Command
const days = (count: number): number => (count * dayMs) / 1_000

overStores(kind => {
  describe('the list of share links', () => {
    const database = suiteDatabase(kind.newDatabase)
    let all: Session[]

    /**
     * Creates 40 sessions. Half of them have no link, the others one or two. Some links expire after a week, and some
     * were revoked. Three sessions at a time share a second.
     */
    beforeAll(async () => {
      const { store } = database
      all = []
      for (let i = 0; i < 40; i++) {
        const links = [calculation(1), shareFor(i % 3 ? 30 : 7), ...(i % 4 ? [calculation(2), shareFor(90)] : [])]
        const who = {
          session_id: `s${(i * 37) % 40}`,
          mentor_id: `m${i % 3}`,
          organisation_id: i % 5 ? `o${i % 2}` : null,
        }
        const at = secondsAfter(noon, Math.floor(i / 3))
        let session = await stored(store, who, i % 2 ? links : links.slice(0, i % 4 ? 1 : 0), at)
        if (i % 8 === 1) {
          const write = revoking(session, session.shares[0]?.token ?? '', at)
          await store.sessions.save(write, session.version)
          session = write.session
        }
        all.push(session)
      }
    })

    const positionOf = ({ session: { session_id }, share }: SharedLink): LinkPosition => ({
      made_at: madeAt(share),
      session_id,
      result_id: share.result_id,
    })
    const orderOf = (link: SharedLink): string => Object.values(positionOf(link)).join(' ')
    const descending = (a: SharedLink, b: SharedLink): number => (orderOf(a) < orderOf(b) ? 1 : -1)

    const expected = (filter: Filter, now: string): SharedLink[] =>
      all
        .filter(session => selects(filter, session))
        .flatMap(session => session.shares.map(share => ({ session: withoutHistory(session), share })))
        .filter(({ share }) => !share.revoked && share.expires_at > now)
        .sort(descending)

    async function pages(filter: Filter, now: string, limit: number): Promise<SharedLink[]> {
      const found: SharedLink[] = []
      for (;;) {
        const last = found.at(-1)
        const page = await database.store.lists.sharedLinks(filter, now, {
          limit,
          ...(last && { after: positionOf(last) }),
        })
        found.push(...page)
        if (page.length < limit) return found
      }
    }

    test.each<Filter>([
      {},
      { mentor_id: 'm1' },
      { organisation_id: 'o1' },
      { organisation_id: null },
      { mentor_id: 'm2', organisation_id: 'o1' },
      { state: 'loaded' },
      { state: 'error' },
      { months: { from: '2026-03', to: '2026-03' } },
      { months: { to: '2026-02' } },
      { mentor_id: 'none' },
    ])('has the live links of the sessions under the filter %j, those made last first', async filter => {
      for (const now of [noon, secondsAfter(noon, days(7)), secondsAfter(noon, days(31))]) {
        const links = expected(filter, now)
        expect(await pages(filter, now, 100)).toEqual(links)
        expect(await pages(filter, now, 3)).toEqual(links)
      }
      expect(expected({}, noon).length).toBeGreaterThan(30)
    })

    test('a link is not live in the millisecond in which it expires', async () => {
      const [link] = expected({}, noon).slice(-1) as [SharedLink]
      const at = link.share.expires_at
      expect(await pages({}, secondsAfter(at, -0.001), 100)).toContainEqual(link)
      expect(await pages({}, at, 100)).not.toContainEqual(link)
    })
  })

  describe('a share link in the list', () => {
    const database = suiteDatabase(kind.newDatabase)

    test('comes first again when it gets another expiry, and is gone when it is revoked or its session closed', async () => {
      const { store } = database
      const later = (seconds: number) => secondsAfter(noon, seconds)
      const first = await stored(store, { session_id: 'first' }, [calculation(1), shareFor(7)])
      const second = await stored(store, { session_id: 'second' }, [calculation(1), shareFor(7)], later(1))
      const third = await stored(store, { session_id: 'third' }, [calculation(1), shareFor(7)], later(2))
      const ids = async () =>
        (await store.lists.sharedLinks({}, later(9), { limit: 9 })).map(({ session }) => session.session_id)
      expect(await ids()).toEqual(['third', 'second', 'first'])
      const renewed = changing(first, shareFor(365), later(3))
      await store.sessions.save(renewed, first.version)
      expect(await ids()).toEqual(['first', 'third', 'second'])
      await store.sessions.save(
        revoking(renewed.session, renewed.session.shares[0]?.token ?? ''),
        renewed.session.version,
      )
      expect(await ids()).toEqual(['third', 'second'])
      await store.sessions.close(closing(third), third.version)
      await store.sessions.save(changing(second, 'ResetRequested'), second.version)
      expect(await ids()).toEqual([])
    })
  })

  describe('a page of share links', () => {
    const database = suiteDatabase(kind.newDatabase)

    test('is full while more links are live, and has each link once, while links change', async () => {
      const { store } = database
      const later = (seconds: number) => secondsAfter(noon, seconds)
      // The embedded file reads them in steps, those first that expire first. The first fifty are also those made last.
      const sessions = await Promise.all(
        Array.from({ length: 1_200 }, (_, i) =>
          stored(store, { session_id: `s${i}` }, [calculation(1), shareFor(i < 50 ? 1 : 7)], later(i < 50 ? 1_200 : i)),
        ),
      )
      const change = (changed: Session[], write: (session: Session) => Write) =>
        Promise.all(changed.map(session => store.sessions.save(write(session), session.version)))
      const changes = [
        change(sessions.slice(0, 25), session => changing(session, shareFor(90), later(1_300))),
        change(sessions.slice(25, 50), session => revoking(session, session.shares[0]?.token ?? '', later(1_300))),
      ]
      const tokens = (await store.lists.sharedLinks({}, later(1_300), { limit: 100 })).map(({ share }) => share.token)
      await Promise.all(changes)
      expect(tokens).toHaveLength(100)
      expect(new Set(tokens).size).toBe(100)
    })
  })

  describe('the counts of views', () => {
    const database = suiteDatabase(kind.newDatabase)
    const viewsOf = async ({ token }: Share): Promise<number | undefined> =>
      (await database.store.views.readViews([token])).get(token)
    const viewed = ({ token }: Share, views: number, now = noon): Promise<void> =>
      database.store.views.addViews(new Map([[token, views]]), now)
    async function shared(): Promise<{ session: Session; share: Share }> {
      const session = await stored(database.store, { mentor_id: 'm' }, [calculation(1), shareFor(7)])
      return { session, share: session.shares[0] as Share }
    }

    test('are added up by link, and missing for a link that nobody has viewed', async () => {
      const [a, b, c] = [await shared(), await shared(), await shared()]
      await database.store.views.addViews(
        new Map([
          [a.share.token, 2],
          [b.share.token, 1],
        ]),
        noon,
      )
      await viewed(a.share, 3)
      const tokens = [a, b, c].map(({ share }) => share.token)
      expect(await database.store.views.readViews(tokens)).toEqual(
        new Map([
          [a.share.token, 5],
          [b.share.token, 1],
        ]),
      )
      expect(await database.store.views.readViews([])).toEqual(new Map())
      await database.store.views.addViews(new Map(), noon)
    })

    test('of a token that was never issued, or of a link that is not live, are not stored', async () => {
      const { session, share } = await shared()
      await viewed({ ...share, token: 'never issued' }, 1)
      expect(await viewsOf({ ...share, token: 'never issued' })).toBeUndefined()
      await viewed(share, 1, share.expires_at)
      expect(await viewsOf(share)).toBeUndefined()
      await database.store.sessions.save(revoking(session, share.token), session.version)
      await viewed(share, 1)
      expect(await viewsOf(share)).toBeUndefined()
    })

    test('end with their link: when it is revoked, or its session is reset or closed', async () => {
      const { store } = database
      const ends: ((session: Session, token: string) => Promise<boolean>)[] = [
        (session, token) => store.sessions.save(revoking(session, token), session.version),
        session => store.sessions.save(changing(session, 'ShareRevokeRequested'), session.version),
        session => store.sessions.save(changing(session, 'ResetRequested'), session.version),
        session => store.sessions.close(closing(session), session.version),
      ]
      for (const end of ends) {
        const [{ session, share }, other] = [await shared(), await shared()]
        await viewed(share, 2)
        await viewed(other.share, 1)
        expect(await viewsOf(share)).toBe(2)
        expect(await end(session, share.token)).toBe(true)
        await until(async () => (await viewsOf(share)) === undefined, 60_000, 'the end of the count')
        expect(await viewsOf(other.share)).toBe(1)
      }
    })

    test('stay when their link gets another expiry', async () => {
      const { session, share } = await shared()
      await viewed(share, 2)
      const renewed = changing(session, shareFor(90), secondsAfter(noon, days(6)))
      await database.store.sessions.save(renewed, session.version)
      expect(await viewsOf(share)).toBe(2)
      await viewed(share, 1, secondsAfter(noon, days(60)))
      expect(await viewsOf(share)).toBe(3)
    })
  })
})
