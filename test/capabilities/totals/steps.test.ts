import { Steps, stepsATurn, sumsAGroup } from '../../../src/capabilities/totals/steps'

/** Returns the number of groups of a turn, if each has so many sums. */
function groupsATurn(sums: number): number {
  const steps = new Steps()
  let groups = 1
  while (!steps.endTurn(sums)) groups++
  return groups
}

test('the more sums of months the groups have, the fewer of them are in a turn', () => {
  expect(groupsATurn(0)).toBe(stepsATurn)
  expect(groupsATurn(sumsAGroup)).toBe(stepsATurn / 2)
  expect(groupsATurn(sumsAGroup * stepsATurn)).toBe(1)
})

test('each turn begins anew', () => {
  const steps = new Steps()
  const turns = Array.from({ length: 3 * stepsATurn }, () => steps.endTurn(0))
  expect(turns.filter(isOver => isOver)).toHaveLength(3)
})
