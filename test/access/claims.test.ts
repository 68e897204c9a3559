import fc from 'fast-check'
import { TokenAuthenticator } from '../../src/access/authenticator'
import type { Scope } from '../../src/domain/caller'
import { DomainError } from '../../src/domain/errors'
import { configOf } from '../../src/startup/config'
import { keptLog } from '../support/server'
import { issuing } from '../support/tokens'

const { config, bearer } = issuing()
const accessOf = async (names = {}) =>
  (await TokenAuthenticator.of({ ...configOf({}), ...config, ...names }, keptLog().log)) as TokenAuthenticator
let access: TokenAuthenticator
beforeAll(async () => {
  access = await accessOf()
})

/** Returns the scope of a token with these claims, or why it is forbidden. */
async function scopeOf(claims: object, by = access): Promise<Scope | string> {
  try {
    return (await by.caller(bearer(claims))).scope
  } catch (error) {
    if (error instanceof DomainError && error.code === 'forbidden') return error.message
    throw error
  }
}

const reasons = {
  role: "The token's role claim is neither a string nor a list of strings. Check the issuer, and `AUTH_ROLE_CLAIM`.",
  organisation_id: "The token's organisation claim is not a string. Check the issuer, and `AUTH_ORGANISATION_CLAIM`.",
  mentor_id: "The token's mentor claim is not a string. Check the issuer, and `AUTH_MENTOR_CLAIM`.",
}

/** Valid claims of each role, and no role. */
const valid = fc.constantFrom(
  ...['admin', 'coordinator', 'mentor', 'reader', undefined].map(role => ({
    role,
    organisation_id: 'org_1',
    mentor_id: 'mentor_1',
  })),
)

const isText = (value: unknown): boolean => typeof value === 'string' && value.isWellFormed()
const isList = (value: unknown): value is unknown[] => Array.isArray(value)
const illFormed = fc.constantFrom('\ud800', 'org_1\udfff', 'admin\ud800')

test.each(['organisation_id', 'mentor_id'] as const)('any %s that is not a string is forbidden', async name => {
  const malformed = fc.oneof(
    fc.jsonValue().filter(value => value !== null && !isText(value)),
    illFormed,
  )
  await fc.assert(
    fc.asyncProperty(valid, malformed, async (claims, value) => {
      expect(await scopeOf({ ...claims, [name]: value })).toBe(reasons[name])
    }),
  )
})

test('any role that is neither a string nor a list of strings is forbidden', async () => {
  const malformed = fc.oneof(
    fc.jsonValue().filter(value => value !== null && !isText(value) && !(isList(value) && value.every(isText))),
    illFormed,
    fc.tuple(fc.constant('admin'), illFormed),
    fc.tuple(fc.constant('admin'), fc.constantFrom(null, 7, true, ['admin'], { admin: true })),
  )
  await fc.assert(
    fc.asyncProperty(valid, malformed, async (claims, role) => {
      expect(await scopeOf({ ...claims, role })).toBe(reasons.role)
    }),
  )
})

test('a scope contains every text that its token states and its role is limited by', async () => {
  const claim = fc.oneof(fc.jsonValue(), fc.constantFrom('org_1', '', null))
  const limits = { coordinator: ['organisation_id'], mentor: ['organisation_id', 'mentor_id'] } as const
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('coordinator', 'mentor'),
      claim,
      claim,
      async (role, organisation_id, mentor_id) => {
        const claims = { organisation_id, mentor_id }
        const scope = await scopeOf({ role, ...claims })
        if (typeof scope === 'string') return
        const stated = limits[role].filter(name => claims[name] !== null && claims[name] !== '')
        expect(scope).toEqual(Object.fromEntries(stated.map(name => [name, claims[name]])))
      },
    ),
  )
})

test.each([
  { organisation_id: '' },
  { organisation_id: null },
  { organisation_id: undefined },
  { organisation_id: '', role: '' },
  { organisation_id: null, role: null },
  { organisation_id: null, role: [] },
  { organisation_id: null, role: ['', ''] },
])('an empty claim counts as absent: %j', async claims => {
  expect(await scopeOf({ mentor_id: 'mentor_1', ...claims })).toEqual({ mentor_id: 'mentor_1' })
})

test('an empty list is no text: only a role may be one', async () => {
  expect(await scopeOf({ mentor_id: 'mentor_1', organisation_id: [] })).toBe(reasons.organisation_id)
  expect(await scopeOf({ mentor_id: [], organisation_id: 'org_1' })).toBe(reasons.mentor_id)
})

describe('a claim inside objects', () => {
  let nested: TokenAuthenticator
  beforeAll(async () => {
    nested = await accessOf({ AUTH_ORGANISATION_CLAIM: 'extension.organisation', AUTH_ROLE_CLAIM: 'realm.roles' })
  })
  const mentor = { mentor_id: 'mentor_1' }

  test.each([{}, { extension: null }, { extension: '' }, { extension: {} }, { extension: { organisation: null } }])(
    'is absent if its object is: %j',
    async claims => {
      expect(await scopeOf({ ...mentor, ...claims }, nested)).toEqual(mentor)
    },
  )

  test.each(['org_1', 7, true])('is malformed if its object is none: %j', async value => {
    expect(await scopeOf({ ...mentor, extension: value }, nested)).toBe(reasons.organisation_id)
    expect(await scopeOf({ ...mentor, realm: value }, nested)).toBe(reasons.role)
  })
})

test('a name or a subject of another type neither limits nor forbids anything', async () => {
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), fc.jsonValue(), async (name, sub) => {
      const caller = await access.caller(bearer({ role: 'admin', name, sub }))
      expect(caller).toMatchObject({ scope: {}, may: 'administer' })
      expect(['string', 'undefined']).toContain(typeof caller.by)
    }),
  )
})
