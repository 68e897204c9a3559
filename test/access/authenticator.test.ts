import { cachedTokens, TokenAuthenticator } from '../../src/access/authenticator'
import type { Caller } from '../../src/domain/caller'
import { configOf } from '../../src/startup/config'
import { keptLog } from '../support/server'
import { type Issuing, issuing, people } from '../support/tokens'

const issuer = issuing()
const accessOf = async ({ config }: Issuing, names = {}) =>
  (await TokenAuthenticator.of({ ...configOf({}), ...config, ...names }, keptLog().log)) as TokenAuthenticator
let access: TokenAuthenticator
beforeAll(async () => {
  access = await accessOf(issuer)
})

const callerOf = async (claims: object, by = access): Promise<Caller> => by.caller(issuer.bearer(claims))

test('without an issuer, every caller has the same access', async () => {
  expect(await TokenAuthenticator.of(configOf({}), keptLog().log)).toBeUndefined()
})

test.each<[claims: object, reason: string]>([
  [people.nobody, 'The token has no role. `AUTH_ROLE_CLAIM` names the claim that must contain it.'],
  [{ role: 'guest' }, "The token's role is unknown. Known roles: admin, coordinator, mentor, reader."],
  [
    { role: 'reader' },
    'The token has no organisation, which its role requires. `AUTH_ORGANISATION_CLAIM` names the claim that must contain it.',
  ],
  [
    { role: 'mentor' },
    'The token has no mentor, which its role requires. `AUTH_MENTOR_CLAIM` names the claim that must contain it.',
  ],
])('a token that grants nothing gets the reason: %j', async (claims, reason) => {
  await expect(callerOf(claims)).rejects.toThrow(reason)
})

describe('a role', () => {
  const [o, m] = [{ organisation_id: 'org_1' }, { mentor_id: 'mentor_1' }]

  test.each<[what: string, claims: object, seen: Pick<Caller, 'scope' | 'may'>]>([
    ['an admin, whatever else is stated', { role: 'admin', ...o, ...m }, { scope: {}, may: 'administer' }],
    ['a coordinator', { role: 'coordinator', ...o, ...m }, { scope: o, may: 'change' }],
    ['a reader', { role: 'reader', ...o }, { scope: o, may: 'read' }],
    ['a mentor', { role: 'mentor', ...m }, { scope: m, may: 'change' }],
    ['a mentor of an organisation', { role: 'mentor', ...m, ...o }, { scope: { ...m, ...o }, may: 'change' }],
    ['a mentor, where no role is stated', { ...m }, { scope: m, may: 'change' }],
    ['a mentor, where an empty role is stated', { role: '', ...m }, { scope: m, may: 'change' }],
    ['a mentor, where a list states no role', { role: [], ...m }, { scope: m, may: 'change' }],
    ['the strongest', { role: ['reader', 'other', 'coordinator'], ...o }, { scope: o, may: 'change' }],
    ['the strongest', { role: ['mentor', 'admin'], ...m }, { scope: {}, may: 'administer' }],
    ['the strongest', { role: ['reader', 'mentor'], ...m }, { scope: m, may: 'change' }],
    [
      'a mentor whose organisation is empty',
      { role: 'mentor', ...m, organisation_id: '' },
      { scope: m, may: 'change' },
    ],
  ])('%s: %j', async (_, claims, seen) => {
    const { scope, may } = await callerOf(claims)
    expect({ scope, may }).toEqual(seen)
  })

  test.each([
    {},
    { role: 'guest', ...o, ...m },
    { role: 'Admin' },
    { role: ['guest'], ...m },
    { role: 'coordinator', ...m },
    { role: 'coordinator', organisation_id: '' },
    { role: 'coordinator', organisation_id: ['org_1'] },
    { role: 'coordinator', organisation_id: { id: 'org_1' } },
    { role: 'coordinator', organisation_id: '\ud800' },
    { role: ['coordinator', 'mentor'], ...m },
    { role: 'reader' },
    { role: 'mentor', ...o },
    { role: 'mentor', mentor_id: 7 },
    { mentor_id: null },
    { role: { admin: true } },
    { role: 'admin,coordinator' },
  ])('that grants nothing is forbidden: %j', async claims => {
    await expect(callerOf(claims)).rejects.toMatchObject({ code: 'forbidden' })
  })
})

describe('a claim', () => {
  const names = {
    AUTH_ROLE_CLAIM: 'realm_access.roles',
    AUTH_ORGANISATION_CLAIM: 'https://example.com/organisation',
    AUTH_MENTOR_CLAIM: 'resource_access.my.client.mentor',
    AUTH_NAME_CLAIM: 'email',
  }
  let named: TokenAuthenticator
  beforeAll(async () => {
    named = await accessOf(issuer, names)
  })

  test('is found by its whole name, otherwise by a dotted path into objects, including names with dots', async () => {
    const claims = {
      realm_access: { roles: ['offline_access', 'mentor'] },
      'https://example.com/organisation': 'org_1',
      resource_access: { 'my.client': { mentor: 'mentor_1' } },
      role: 'admin',
    }
    expect(await callerOf(claims, named)).toMatchObject({
      scope: { mentor_id: 'mentor_1', organisation_id: 'org_1' },
      may: 'change',
    })
    expect(await callerOf({ ...claims, 'realm_access.roles': 'admin' }, named)).toMatchObject({ may: 'administer' })
  })

  test("is not found if an object inherits it or it is not an object's member", async () => {
    const inherited = await accessOf(issuer, { AUTH_ROLE_CLAIM: 'constructor.name', AUTH_MENTOR_CLAIM: 'a.length' })
    await expect(callerOf({ a: 'text' }, inherited)).rejects.toMatchObject({ code: 'forbidden' })
  })

  test('signs changes: the name, otherwise the subject, as far as it can be shown', async () => {
    const by = async (claims: object) => (await callerOf({ 'realm_access.roles': 'admin', ...claims }, named)).by
    expect(await by({ email: 'ada@example.com', sub: 'ada' })).toBe('ada@example.com')
    expect(await by({ sub: 'ada' })).toBe('ada')
    expect(await by({ email: '', sub: 'ada' })).toBe('ada')
    expect(await by({ email: ['ada'], sub: 'ada' })).toBe('ada')
    expect(await by({ email: '\u202e\u0000', sub: 'a\u0007da' })).toBe('ada')
    expect(await by({ email: `${'a'.repeat(300)}` })).toBe('a'.repeat(200))
    expect(await by({ sub: undefined })).toBeUndefined()
  })
})

describe('a digest', () => {
  test('of a subject is the same for each of its tokens and after every restart', async () => {
    const { digest } = await callerOf({ ...people.mentor })
    expect(digest).toMatch(/^[\w-]{43}$/)
    expect((await callerOf({ ...people.mentor, jti: 'another', role: 'admin' })).digest).toBe(digest)
    expect((await callerOf({ ...people.mentor }, await accessOf(issuer))).digest).toBe(digest)
    expect((await callerOf({ ...people.mentor, sub: 'other' })).digest).not.toBe(digest)
  })

  test('distinguishes tokens without a subject by their scope', async () => {
    const [one, two] = await Promise.all(
      ['mentor_1', 'mentor_2'].map(mentor_id => callerOf({ sub: undefined, mentor_id })),
    )
    expect(one?.digest).not.toBe(two?.digest)
  })
})

describe('a valid token', () => {
  test('yields one caller for concurrent checks, and synchronously once it is cached', async () => {
    const bearer = issuer.bearer({ ...people.admin, jti: 'one' })
    const [first, second] = await Promise.all([access.caller(bearer), access.caller(bearer)])
    expect(second).toBe(first)
    expect(access.caller(bearer)).toBe(first)
  })

  test('is cached until it ends', async () => {
    let now = Date.now()
    const { claimNames } = access
    const aging = new TokenAuthenticator({ issuer: access.issuer, audience: 'sessions', claimNames, clock: () => now })
    const bearer = issuer.bearer({ ...people.admin, exp: Math.floor(now / 1_000) + 10 })
    expect(await aging.caller(bearer)).toMatchObject({ may: 'administer' })
    now += 39_000
    expect(aging.caller(bearer)).toMatchObject({ may: 'administer' })
    now += 2_000
    await expect((async () => aging.caller(bearer))()).rejects.toMatchObject({ code: 'unauthenticated' })
  })

  test('is cached in a bounded cache: the oldest is checked again', async () => {
    const crowded = await accessOf(issuer)
    const bearers = Array.from({ length: cachedTokens + 1 }, (_, i) => issuer.bearer({ role: 'admin', jti: `${i}` }))
    const [oldest = '', next = '', ...others] = bearers
    await crowded.caller(oldest)
    await crowded.caller(next)
    await Promise.all(others.map(bearer => crowded.caller(bearer)))
    expect(crowded.caller(next)).not.toBeInstanceOf(Promise)
    expect(crowded.caller(oldest)).toBeInstanceOf(Promise)
  })

  test('is also cached if its role grants nothing', async () => {
    const bearer = issuer.bearer(people.nobody)
    await expect((async () => access.caller(bearer))()).rejects.toMatchObject({ code: 'forbidden' })
    expect(() => access.caller(bearer)).toThrow(
      'The token has no role. `AUTH_ROLE_CLAIM` names the claim that must contain it.',
    )
  })
})
