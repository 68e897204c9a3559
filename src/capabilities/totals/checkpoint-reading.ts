import type { Logger } from 'pino'
import { yieldToEventLoop } from '../../concurrency/scheduler'
import type { Position, Store } from '../../db/store'
import { firstMinute } from '../../domain/contribution'
import { timestamp } from '../../domain/timestamp'
import { type CheckpointHeader, checkpointLayout, checksumOf, headerChecksum, piecesOf } from './checkpoint'
import type { StoredCheckpoint } from './store'
import { type Bounds, Tallies } from './tallies'

/**
 * Maximum number of attempts to read a checkpoint. A read is repeated if another process replaced the checkpoint during
 * the read.
 */
const readAttempts = 3

/** Reason why the totals were not filled from a checkpoint. */
export type Refusal = 'missing' | 'other_layout' | 'damaged' | 'other_log' | 'expired' | 'erased' | 'clock' | 'failed'

export class CheckpointRefused extends Error {
  constructor(
    readonly reason: Refusal,
    options?: ErrorOptions,
  ) {
    super(reason, options)
  }
}

/** The content of a projection as of a log position, restored from a checkpoint. */
export interface Restored {
  tallies: Tallies
  position: Position
  at: number
}

export interface CheckpointOptions {
  store: Store
  log: Logger
  clock: () => Date
  bounds: Bounds
}

export const layoutOf = ({ groups, sums }: Bounds): string => checkpointLayout([groups, sums])

/** Reads the projection's checkpoint. Throws `CheckpointRefused` if no checkpoint exists that this process can use. */
export async function readCheckpoint({ store, clock, bounds }: CheckpointOptions): Promise<Restored> {
  for (let attempt = 1; ; attempt++) {
    const stored = await store.totals.readCheckpoint()
    if (!stored) throw new CheckpointRefused('missing')
    const { id, header } = stored
    const refusal = refusalOf(header, { store, clock, bounds })
    if (refusal) throw new CheckpointRefused(refusal)
    const tallies = new Tallies(clock, bounds)
    if (await restoreAll(store, stored, tallies)) return { tallies, position: header.position, at: header.at }
    const isReplaced = (await store.totals.readCheckpoint())?.id !== id
    if (!isReplaced || attempt === readAttempts) throw new CheckpointRefused('damaged')
  }
}

/**
 * Returns the reason why this process can't use the checkpoint with this header. Returns undefined if the header is
 * acceptable.
 */
export function refusalOf(
  header: CheckpointHeader,
  { store, clock, bounds }: Omit<CheckpointOptions, 'log'>,
): Refusal | undefined {
  // Check the layout first, because another server version may compute the checksum differently.
  if (header.layout !== layoutOf(bounds)) return 'other_layout'
  if (header.checksum !== headerChecksum(header)) return 'damaged'
  if (header.identity !== store.identity) return 'other_log'
  // If this process's clock is behind the writer's clock, the checkpoint may lack calculations that a summary must
  // count.
  return firstMinute(timestamp(clock())) < header.since ? 'clock' : undefined
}

/** Restores all pieces in a checkpoint's chunks. Returns false if a chunk is missing or damaged. */
async function restoreAll(store: Store, { id, header }: StoredCheckpoint, tallies: Tallies) {
  const read = (number: number) =>
    store.totals.readChunk(id, number).then(chunk => chunk && checked(chunk, header, number))
  const { chunks } = header
  // Read the next chunk while the current one is decoded.
  let next = chunks.length > 0 ? read(0) : undefined
  for (const number of chunks.keys()) {
    const current = next
    const chunk = await current
    if (!chunk) return false
    next = number + 1 < chunks.length ? read(number + 1) : undefined
    next?.catch(() => {})
    await restoreChunk(chunk, tallies)
    await yieldToEventLoop()
  }
  return true
}

const checked = (chunk: Uint8Array, { chunks }: CheckpointHeader, number: number): Uint8Array | null =>
  checksumOf(chunk) === chunks[number] ? chunk : null

async function restoreChunk(chunk: Uint8Array, tallies: Tallies): Promise<void> {
  try {
    for (const [row, content] of await piecesOf(chunk)) tallies.restore(row, content)
  } catch (error) {
    throw new CheckpointRefused('damaged', { cause: error })
  }
}
