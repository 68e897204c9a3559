import { Timestamp } from 'mongodb'
import { isBeyond, positionsAt } from '../../../src/db/mongo/positions'

const secondsOf = (time: string): number => Date.parse(time) / 1_000

test.each(['2026-12-02T12:00:00Z', '2038-01-19T03:14:08Z', '2100-01-01T00:00:00Z'])(
  'at %s, only positions of a later time are beyond the log',
  text => {
    const t = secondsOf(text)
    const { reached } = positionsAt(new Timestamp({ t, i: 2 ** 31 }))
    const beyond = [t - 1, t, t + 1].map(seconds => isBeyond(reached, new Timestamp({ t: seconds, i: 2 ** 31 })))
    expect(beyond).toEqual([true, false, false])
    expect(isBeyond(reached, new Timestamp({ t, i: 2 ** 31 - 2 }))).toBe(true)
  },
)
