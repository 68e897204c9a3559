import { Steps, stepsPerTurn, sumsPerGroup } from '../../../src/capabilities/totals/steps'

/** Returns the number of groups of a turn, if each has so many sums. */
function groupsPerTurn(sums: number): number {
  const steps = new Steps()
  let groups = 1
  while (!steps.add(sums)) groups++
  return groups
}

test('the more sums of months the groups have, the fewer of them are in a turn', () => {
  expect(groupsPerTurn(0)).toBe(stepsPerTurn)
  expect(groupsPerTurn(sumsPerGroup)).toBe(stepsPerTurn / 2)
  expect(groupsPerTurn(sumsPerGroup * stepsPerTurn)).toBe(1)
})

test('each turn begins anew', () => {
  const steps = new Steps()
  const turns = Array.from({ length: 3 * stepsPerTurn }, () => steps.add(0))
  expect(turns.filter(isOver => isOver)).toHaveLength(3)
})
