import { changeOf, differenceOf } from '../../src/domain/change'

test('the difference of two amounts is exact', () => {
  expect([differenceOf(0.3, 0.1), differenceOf(1.1, 1.2), differenceOf(70000000000000.01, 0.02)]).toEqual([
    0.2, -0.1, 69999999999999.99,
  ])
})

test('a change has a difference, and a share of the size of the earlier figure', () => {
  expect(changeOf(1.5, 1.2)).toEqual({ difference: 0.3, share: 0.25 })
  expect(changeOf(-50, -200)).toEqual({ difference: 150, share: 0.75 })
  expect(changeOf(-50, 100)).toEqual({ difference: -150, share: -1.5 })
  expect(changeOf(7, 7)).toEqual({ difference: 0, share: 0 })
})

test('a change from 0 has no share, and a missing figure has no change', () => {
  expect(changeOf(3, 0)).toEqual({ difference: 3, share: null })
  expect([changeOf(null, 3), changeOf(3, null), changeOf(3, undefined), changeOf(undefined, undefined)]).toEqual([
    null,
    null,
    null,
    null,
  ])
})
