import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { entriesOf, newServiceKey } from '../../src/access/service-key'
import { madeKey } from '../support/service-keys'

const { entry } = madeKey()
const now = new Date('2026-03-26T12:00:00Z')

test('a key has 32 random bytes, and its entry has its digest only', () => {
  const made = newServiceKey({ name: 'BI export', role: 'reader', organisation: 'org_42', expires: '2027-03-31' }, now)
  expect(made.key).toMatch(/^bsk_[\w-]{43}$/)
  expect(Buffer.from(made.key.slice(4), 'base64url')).toHaveLength(32)
  expect(made.entry).toEqual({
    name: 'BI export',
    sha256: createHash('sha256').update(made.key).digest('hex'),
    role: 'reader',
    organisation_id: 'org_42',
    mentor_id: null,
    expires: '2027-03-31',
  })
  expect(newServiceKey({ name: 'BI export', role: 'admin' }, now).key).not.toBe(made.key)
})

test.each([
  [{ role: 'admin' }, '--name is required'],
  [{ name: '', role: 'admin' }, '--name must have 1 to 200 characters'],
  [{ name: 'a\nb', role: 'admin' }, '--name must not contain control characters'],
  [{ name: 'n' }, '--role is required'],
  [{ name: 'n', role: 'owner' }, '--role must be one of admin, coordinator, mentor, reader'],
  [{ name: 'n', role: 'reader' }, '--organisation is required for the role reader'],
  [{ name: 'n', role: 'coordinator', mentor: 'm' }, '--organisation is required for the role coordinator'],
  [{ name: 'n', role: 'mentor', organisation: 'o' }, '--mentor is required for the role mentor'],
  [{ name: 'n', role: 'admin', expires: '31.3.2027' }, '--expires must be a date such as 2027-03-31'],
  [{ name: 'n', role: 'admin', expires: '2027-02-29' }, '--expires must be a date such as 2027-03-31'],
  [{ name: 'n', role: 'admin', expires: '2026-03-25' }, '--expires must not be in the past'],
])('no key is made of %j: %s', (options, reason) => {
  expect(() => newServiceKey(options, now)).toThrow(new Error(reason))
})

test('a key may end today', () => {
  expect(newServiceKey({ name: 'n', role: 'admin', expires: '2026-03-26' }, now).entry.expires).toBe('2026-03-26')
})

test('a file without optional members, or with a digest in capitals, is read', () => {
  const { sha256 } = entry
  const admin = { name: ' n ', sha256: sha256.toUpperCase(), role: 'admin' }
  expect(entriesOf(JSON.stringify([admin]))).toEqual([{ name: 'n', sha256, role: 'admin' }])
  expect(entriesOf('[]')).toEqual([])
})

test('the file that docs/operations/sign-in.md shows is valid', () => {
  const text = readFileSync(join(__dirname, '../../../docs/operations/sign-in.md'), 'utf8')
  const [, shown = ''] = /^ *```json\n(.*?)^ *```$/ms.exec(text) ?? []
  expect(entriesOf(shown)).toMatchObject([{ name: 'BI export', role: 'reader', organisation_id: 'org_42' }])
})

const { key } = madeKey()
test.each<[unknown, string]>([
  [{}, 'the content is not a JSON array'],
  [[entry, null], 'entry 2: must be an object'],
  [[entry, {}], 'entry 2: name is required'],
  [[{ ...entry, name: 7 }], 'entry 1: name must be a string'],
  [[{ ...entry, name: key }], 'entry 1: name must not contain a key'],
  [
    [{ ...entry, sha256: key }],
    'entry 1 ("BI export"): sha256 must be the SHA-256 digest of a key, as 64 hexadecimal digits',
  ],
  [[{ ...entry, role: 'owner' }], 'entry 1 ("BI export"): role must be one of admin, coordinator, mentor, reader'],
  [[{ ...entry, organisation_id: null }], 'entry 1 ("BI export"): organisation_id is required for the role reader'],
  [[{ ...entry, organisation_id: '' }], 'entry 1 ("BI export"): organisation_id must have 1 to 200 characters'],
  [[{ ...entry, organisation_id: ['org_1'] }], 'entry 1 ("BI export"): organisation_id must be a string'],
  [[{ ...entry, role: 'mentor' }], 'entry 1 ("BI export"): mentor_id is required for the role mentor'],
  [[{ ...entry, expires: '2027-13-01' }], 'entry 1 ("BI export"): expires must be a date such as 2027-03-31'],
  [[{ ...entry, expires: 20_270_331 }], 'entry 1 ("BI export"): expires must be a string'],
  [[{ ...entry, until: '2027-03-31' }], 'entry 1 ("BI export"): until is not a known member'],
  [[{ ...entry, [key]: true }], 'entry 1 ("BI export"): a key is not a known member'],
  [[madeKey().entry, entry, entry], 'entry 3 ("BI export"): sha256 is the same as in entry 2'],
])('a faulty file is refused, by a sentence without its content: %j', (content, reason) => {
  expect(() => entriesOf(JSON.stringify(content))).toThrow(new Error(reason))
})

test.each(['', '[', `[{"sha256": "${key}"`])('what is not JSON is refused without its content: %j', text => {
  expect(() => entriesOf(text)).toThrow(new Error('the content is not JSON'))
})
