import type { LogFollower } from '../../src/db/store'
import { fanOut } from '../../src/db/store'
import { commitOf } from '../../src/domain/commit'
import { starting } from '../support/sessions'

test('if one of several followers fails, it is reset to a gap, and the others get every entry', async () => {
  const heard: string[] = []
  const follower = (name: string, fails = false): LogFollower => ({
    reset: position => void heard.push(`${name} reset ${position}`),
    append(entry) {
      if (fails) throw new Error('no')
      heard.push(`${name} ${entry.position}`)
    },
    advance: position => void heard.push(`${name} at ${position}`),
    invalidate: position => void heard.push(`${name} forgets up to ${position}`),
    failed: error => void heard.push(`${name} ${error}`),
  })
  const both = fanOut(follower('first', true), follower('second'))
  const { session, changes } = starting()
  both.append({ before: '1', position: '2', commit: commitOf(session, changes) })
  both.advance('3')
  await both.invalidate('4')
  expect(heard).toEqual([
    'first Error: no',
    'first reset 2',
    'second 2',
    'first at 3',
    'second at 3',
    'first forgets up to 4',
    'second forgets up to 4',
  ])
})
