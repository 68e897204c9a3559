import type { Timestamp } from 'mongodb'
import type { Position } from '../store'

/** A position is a resume token, which begins with 0x82 and a time: the seconds, and a counter within the second. */
export function isBeyond(position: Position, time: Timestamp): boolean {
  const [, seconds, count] = /^82([0-9a-f]{8})([0-9a-f]{8})/i.exec(position) ?? []
  if (!seconds || !count) return false
  const [t, i] = [Number.parseInt(seconds, 16), Number.parseInt(count, 16)]
  const [now, counter] = [time.getHighBitsUnsigned(), time.getLowBitsUnsigned()]
  // Allow one tick, because on an idle log a new stream's position is one tick ahead of the server time.
  return t > now || (t === now && i > counter + 1)
}

const hex = (number: number): string => number.toString(16).toUpperCase().padStart(8, '0')

/**
 * Converts a server time to log positions. `position` lies after all commits up to the server time, and before all
 * later commits. A log that has advanced to `reached` has delivered all commits before the server time.
 */
export function positionsAt(time: Timestamp): { position: Position; reached: Position } {
  const reached = `82${hex(time.getHighBitsUnsigned())}${hex(time.getLowBitsUnsigned())}`
  return { position: `${reached}G`, reached }
}
