import type { Timestamp } from 'mongodb'
import type { Position } from '../store'

/**
 * Whether a position is later than a server time. A resume token begins with its time: 0x82, the seconds, and the
 * counter within the second.
 */
export function isBeyond(position: Position, time: Timestamp): boolean {
  const [, seconds, count] = /^82([0-9a-f]{8})([0-9a-f]{8})/i.exec(position) ?? []
  if (!seconds || !count) return false
  const [t, i] = [Number.parseInt(seconds, 16), Number.parseInt(count, 16)]
  // Subtract one tick, because on an idle log the position of a new stream is one tick ahead.
  return t > time.getHighBits() || (t === time.getHighBits() && i > time.getLowBits() + 1)
}

const hex = (number: number): string => number.toString(16).toUpperCase().padStart(8, '0')

/**
 * Converts a server time to positions. `position` is greater than the positions of all commits up to that time, and
 * less than all others. A log that has reached `reached` has delivered all commits before that time.
 */
export function positionsAt(time: Timestamp): { position: Position; reached: Position } {
  const reached = `82${hex(time.getHighBitsUnsigned())}${hex(time.getLowBitsUnsigned())}`
  return { position: `${reached}G`, reached }
}
