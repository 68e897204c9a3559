import { matchesStrongly, matchesWeakly, tagsIn } from '../../src/http/etags'

// The table of RFC 9110 §8.8.3.2.
test.each([
  ['W/"1"', 'W/"1"', false, true],
  ['W/"1"', 'W/"2"', false, false],
  ['W/"1"', '"1"', false, true],
  ['"1"', 'W/"1"', false, true],
  ['"1"', '"1"', true, true],
])('%s and %s match strongly: %s, weakly: %s', (one, other, strongly, weakly) => {
  expect(matchesStrongly([one], other)).toBe(strongly)
  expect(matchesWeakly([one], other)).toBe(weakly)
})

test('* matches every tag', () => {
  expect([matchesStrongly('*', '"1"'), matchesWeakly('*', '"1"')]).toEqual([true, true])
})

test.each([
  ['"1"', ['"1"']],
  ['"1","2"', ['"1"', '"2"']],
  [' , "1" ,\t, W/"2",', ['"1"', 'W/"2"']],
  ['"a,b", ""', ['"a,b"', '""']],
  [' * ', '*'],
])('the field %j has the tags %j', (field, tags) => {
  expect(tagsIn(field)).toEqual(tags)
})

test.each(['', '1', '"1', '"1" "2"', 'w/"1"', 'W/ "1"', '*, "1"', '"a b"', '"1"x'])(
  'the field %j is malformed',
  field => {
    expect(tagsIn(field)).toBeUndefined()
  },
)
