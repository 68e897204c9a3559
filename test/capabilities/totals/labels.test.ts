import fc from 'fast-check'
import { searchedBytes, searchedWords, searchedWordsAtMost } from '../../../src/capabilities/totals/find'
import { bytesPerStep, cutOrganisations, fairShare, Labels } from '../../../src/capabilities/totals/labels'
import type { Contribution } from '../../../src/domain/contribution'
import { folded, foldedWords } from '../../../src/domain/folding'
import type { Filter } from '../../../src/domain/list-query'
import { isInRange } from '../../../src/domain/months'
import { timestamp } from '../../../src/domain/timestamp'
import { randomFrom } from '../../support/random'

const plenty = 1_000_000_000

interface Labelled {
  session_id: string
  organisation_id: string | null
  created_at: string
  state: 'loaded' | 'error'
  month: string
  label: string
}

const contribution = ({ state, month }: Pick<Labelled, 'state' | 'month'>): Contribution => ({
  state,
  result: { currency: null, month, held: 1, minutes: 1, cost: 1, value: 1 },
  calculations: [],
})

const set = (labels: Labels, session: Labelled): void =>
  labels.set({ ...session, mentor_id: 'm' }, contribution(session), session.label)
const remove = (labels: Labels, session: Labelled): void => labels.set({ ...session, mentor_id: 'm' }, null)

function find(labels: Labels, filter: Filter, text: string, limit = 5): string[] {
  const steps = labels.find(filter, foldedWords(text), limit)
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
  }
}

/** Looks at every session. */
const expected = (sessions: Iterable<Labelled>, { organisation_id, state, months }: Filter, text: string, limit = 5) =>
  [...sessions]
    .filter(({ label }) => foldedWords(text).every(word => folded(label).includes(word)))
    .filter(session => organisation_id === undefined || session.organisation_id === organisation_id)
    .filter(session => state === undefined || session.state === state)
    .filter(({ month }) => !months || isInRange(months, month))
    .sort((a, b) => (a.created_at + a.session_id < b.created_at + b.session_id ? 1 : -1))
    .slice(0, limit)
    .map(({ session_id }) => session_id)

const at = (second: number): string => timestamp(new Date(Date.UTC(2026, 0, 1, 0, 0, second)))

const filters: Filter[] = [
  {},
  { organisation_id: 'o0' },
  { organisation_id: null },
  { organisation_id: 'nowhere' },
  { state: 'error' },
  { state: 'initial' },
  { months: { from: '2026-02', to: '2026-02' } },
  { organisation_id: 'o1', state: 'loaded', months: { to: '2026-01' } },
]

test('a text is found in the same sessions as by looking at each, whatever was set, replaced and removed', () => {
  const session = fc.record({
    number: fc.nat(30),
    label: fc.string({ unit: fc.constantFrom('a', 'Ä', 'b', ' ', 'ß', '\u{1f600}', 'я'), minLength: 1, maxLength: 6 }),
    state: fc.constantFrom('loaded', 'error'),
    month: fc.constantFrom('2026-01', '2026-02', '2025-12'),
    isRemoved: fc.boolean(),
  })
  fc.assert(
    fc.property(
      fc.array(session, { maxLength: 60 }),
      fc.constantFrom('a', 's', 'ab', 'b a', 'a b s', '\u{1f600} q', '\u{1f600}', 'q'),
      (steps, text) => {
        const labels = new Labels(plenty)
        const sessions = new Map<number, Labelled>()
        for (const { number, isRemoved, ...more } of steps) {
          const organisation_id = [null, 'o0', 'o1'][number % 3] as string | null
          // Several have the same time.
          const labelled = { session_id: `s${number}`, organisation_id, created_at: at(number >> 2), ...more }
          if (isRemoved) remove(labels, labelled)
          else set(labels, labelled)
          if (isRemoved) sessions.delete(number)
          else sessions.set(number, labelled)
        }
        for (const filter of filters) {
          expect(find(labels, filter, text)).toEqual(expected(sessions.values(), filter, text))
        }
      },
    ),
  )
})

/** Sets this many labels, in a random order. Each of them ends with `end`. */
function manyLabels(count: number, labels: Labels, organisations = 2, end = ''): Labelled[] {
  const random = randomFrom(3)
  const sessions = Array.from({ length: count }, (_, i) => ({
    session_id: `s${i}`,
    organisation_id: `o${i % organisations}`,
    created_at: at(Math.floor(random() * count)),
    state: i % 7 === 0 ? ('error' as const) : ('loaded' as const),
    month: '2026-01',
    label: `Label Nº ${i} ${'x'.repeat(i % 90)}${end}`,
  }))
  for (const session of sessions) set(labels, session)
  return sessions
}

test('a text is found in any block of many', () => {
  const labels = new Labels(plenty)
  const sessions = manyLabels(5_000, labels)
  const random = randomFrom(4)
  const left = sessions.filter(session => {
    if (random() < 0.7) return true
    remove(labels, session)
    return false
  })
  for (const text of ['label', 'no 1234', '777', 'xxxxx', 'nothing', ...left.slice(0, 30).map(({ label }) => label)]) {
    for (const filter of filters) expect(find(labels, filter, text)).toEqual(expected(left, filter, text))
  }
  for (const session of left) remove(labels, session)
  expect(labels.bytes).toBe(0)
  expect(find(labels, {}, 'label')).toEqual([])
})

test('a commit that keeps the label may change its state and month', () => {
  const labels = new Labels(plenty)
  const session = { session_id: 's', organisation_id: 'o', created_at: at(1), label: 'Spring' }
  set(labels, { ...session, state: 'loaded', month: '2026-01' })
  labels.set({ ...session, mentor_id: 'm' }, contribution({ state: 'error', month: '2026-02' }))
  expect(find(labels, { state: 'loaded' }, 'spring')).toEqual([])
  expect(find(labels, { state: 'error', months: { from: '2026-02' } }, 'spring')).toEqual(['s'])
  labels.set({ ...session, mentor_id: 'm' }, contribution({ state: 'loaded', month: '2026-02' }), null)
  expect(find(labels, {}, 'spring')).toEqual([])
})

test.each([
  ['in one step for each block', ''],
  ['in several', 'y'.repeat(450)],
])('labels may change while they are searched %s, and each session is found once', (_steps, end) => {
  const labels = new Labels(plenty)
  const sessions = manyLabels(3_000, labels, 1, end)
  const steps = labels.find({}, foldedWords('label'), 3_000)
  const random = randomFrom(5)
  const changed = new Set<string>()
  for (;;) {
    const { done, value } = steps.next()
    if (!done) {
      for (let i = 0; i < 20; i++) {
        const session = sessions[Math.floor(random() * sessions.length)] as Labelled
        changed.add(session.session_id)
        remove(labels, session)
        if (random() < 0.5) set(labels, session)
      }
      continue
    }
    expect(new Set(value).size).toBe(value.length)
    const unchanged = sessions.map(({ session_id }) => session_id).filter(id => !changed.has(id))
    expect(unchanged.length).toBeGreaterThan(100)
    expect(value).toEqual(expect.arrayContaining(unchanged))
    return
  }
})

test('beyond the bound the oldest labels are dropped, and the newest are still found', () => {
  const labels = new Labels(400_000)
  const sessions = manyLabels(5_000, labels, 3)
  expect(labels.isCut()).toBe(true)
  expect(labels.bytes).toBeLessThanOrEqual(400_000)
  expect(labels.bytes).toBeGreaterThan(200_000)
  for (const filter of [{}, { organisation_id: 'o1' }, { state: 'error' } as const]) {
    expect(find(labels, filter, 'label', 50)).toEqual(expected(sessions, filter, 'label', 50))
  }
  expect(find(labels, {}, 'label', 5_000).length).toBeLessThan(3_500)
  // A label that is older than those that were dropped is not held.
  const { bytes } = labels
  const old = {
    session_id: 'old',
    organisation_id: 'o1',
    created_at: at(-1),
    state: 'loaded',
    month: '2026-01',
  } as const
  set(labels, { ...old, label: 'Label of old' })
  expect(labels.bytes).toBe(bytes)
})

/** Sets this many labels of an organisation, each longer than its session's one before. */
function labelsOf(labels: Labels, organisation_id: string, count: number, second: number, label: string): Labelled[] {
  const sessions = Array.from({ length: count }, (_, i) => ({
    session_id: `${organisation_id} ${i}`,
    organisation_id,
    created_at: at(second + i),
    state: 'loaded' as const,
    month: '2026-01',
    label: `${label} ${i}`,
  }))
  for (const session of sessions) set(labels, session)
  return sessions
}

test('an organisation with the longest labels loses its own oldest ones, and all others keep theirs', () => {
  const labels = new Labels(2_000_000)
  const honest = Array.from({ length: 5 }, (_, i) => labelsOf(labels, `honest ${i}`, 300, i, 'Spring')).flat()
  const greedy = labelsOf(labels, 'greedy', 10_000, 5_000, '\ufdfa'.repeat(110))
  for (let i = 0; i < 5; i++) {
    const filter = { organisation_id: `honest ${i}` }
    expect(find(labels, filter, 'spring', 300)).toEqual(expected(honest, filter, 'spring', 300))
    expect(labels.isCut(filter.organisation_id)).toBe(false)
  }
  expect(labels.bytes).toBeLessThanOrEqual(2_000_000)
  expect(labels.isCut('greedy')).toBe(true)
  expect(labels.isCut()).toBe(true)
  const filter = { organisation_id: 'greedy' }
  expect(find(labels, filter, '\ufdfa', 50)).toEqual(expected(greedy, filter, '\ufdfa', 50))
  // An honest label that comes later is held, although its session is older than those that the greedy one lost.
  const [late] = labelsOf(labels, 'honest 6', 1, 0, 'Late')
  expect(find(labels, {}, 'late')).toEqual([late?.session_id])
})

test('the fair share is what all can take at most, so that they take the total together', () => {
  const amounts = fc.array(fc.nat(1_000), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(amounts, fc.nat(5_000), (wanted, total) => {
      const share = fairShare(wanted, total)
      const taken = wanted.reduce((sum, amount) => sum + Math.min(amount, share), 0)
      const all = wanted.reduce((sum, amount) => sum + amount, 0)
      expect(taken).toBeCloseTo(Math.min(all, total), 6)
    }),
  )
})

test('if too many organisations lost labels to tell them apart, all count as cut', () => {
  const labels = new Labels(20_000)
  for (let i = 0; i < cutOrganisations; i++) labelsOf(labels, `o${i}`, 1, i, 'Label')
  expect(labels.isCut('o0')).toBe(true)
  expect(labels.isCut('none')).toBe(false)
  for (let i = 0; i < 100; i++) labelsOf(labels, `p${i}`, 1, cutOrganisations + i, 'Label')
  expect(labels.isCut('none')).toBe(true)
  expect(labels.bytes).toBeLessThanOrEqual(20_000)
  expect(find(labels, { organisation_id: 'p99' }, 'label')).toEqual(['p99 0'])
})

test.each(['x', '\u00e9', '\ud55c', '\u{1f600}'])('of a text of %s, as much is searched as stays fast', letter => {
  const [searched = ''] = searchedWords(letter.repeat(120))
  const whole = folded(letter).repeat(120)
  expect(whole.startsWith(searched)).toBe(true)
  expect(Buffer.byteLength(searched)).toBeLessThanOrEqual(searchedBytes)
  expect(Buffer.byteLength(searched)).toBeGreaterThan(Math.min(Buffer.byteLength(whole), searchedBytes) - 4)
})

test('of many words, the longest are searched, and none that is part of another', () => {
  expect(searchedWords(' O’Brien  emma brien Emma\u00a0o')).toEqual(['OBRIEN', 'EMMA'])
  const letters = [...'abcdefghijklmnopqrstuvwxyz']
  expect(searchedWords(letters.join(' '))).toEqual([...'ABCDEFGHIJ'])
  expect(searchedWords([...letters, 'zz'].join(' '))).toHaveLength(searchedWordsAtMost)
  const words = searchedWords('\ufdfa'.repeat(120))
  expect(words).toHaveLength(3)
  expect(Buffer.byteLength(words.join(''))).toBeLessThan(searchedBytes)
})

test('a search may pause after each 32 KiB, also within a block, and finds each text once', () => {
  const labels = new Labels(plenty)
  const long = '\ufdfa'.repeat(120)
  const sessions = labelsOf(labels, 'o', 200, 0, long)
  const steps = [...labels.find({}, foldedWords('nothing'), 5)].length
  expect(steps).toBeGreaterThan((200 * Buffer.byteLength(folded(long))) / bytesPerStep)
  for (const text of [long, 'x', '\ufdfa']) {
    expect(find(labels, {}, text, 300)).toEqual(expected(sessions, {}, text, 300))
  }
})

test('a search of an organisation goes through its own labels only', () => {
  const labels = new Labels(plenty)
  manyLabels(5_000, labels)
  const session = {
    session_id: 'own',
    organisation_id: 'own',
    created_at: at(0),
    state: 'loaded',
    month: '2026-01',
  } as const
  set(labels, { ...session, label: 'Label' })
  const steps = [...labels.find({ organisation_id: 'own' }, foldedWords('label'), 5)].length
  expect(steps).toBe(2)
  expect([...labels.find({ organisation_id: 'nowhere' }, foldedWords('label'), 5)]).toHaveLength(1)
})
