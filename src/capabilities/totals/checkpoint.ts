import { promisify } from 'node:util'
import { deserialize, serialize } from 'node:v8'
import { constants, crc32, deflateRaw, inflateRaw } from 'node:zlib'
import type { Position } from '../../db/store'

// A checkpoint is a stored snapshot of the projection as of one log position. A checkpoint consists of pieces, one
// per tally. Each piece has a row, which is decoded when the process starts, and content, which is decoded at
// its first use. Pieces are packed into compressed chunks.

export const pieceKinds = { all: 0, organisation: 1, mentor: 2, splitMentor: 3, part: 4 } as const

/** Row of a checkpoint piece that contains a tally. `size` is the number of sums in the tally. */
export type TallyPiece = readonly [
  kind: number,
  mentor_id: string,
  organisation_id: string | null,
  sessions: number,
  initial: number,
  loaded: number,
  error: number,
  size: number,
  calculations: [minute: string, month: string, initial: number, loaded: number, error: number][],
]

export type AddPiece = (row: TallyPiece, content: Uint8Array) => void

/**
 * Maximum total size in bytes of snapshot pieces that are not in a chunk yet. Pieces accumulate if sessions change
 * while the store is slow. If the pieces exceed this maximum, the snapshot is abandoned.
 */
export const waitingPiecesBytes = 64 * 1024 * 1024
/** Uncompressed size in bytes at which a chunk is complete. */
export const chunkBytes = 512 * 1024
/**
 * Maximum size in bytes of a decompressed chunk. A chunk can be larger than `chunkBytes`, because its last piece can
 * exceed that size.
 */
const inflatedBytes = 256 * 1024 * 1024

const deflate = promisify(deflateRaw)
const inflate = promisify(inflateRaw)

/** Packs checkpoint pieces into chunks. */
export class ChunkWriter {
  #rows: [TallyPiece, bytes: number][] = []
  #contents: Uint8Array[] = []
  /** Estimated size in bytes of the snapshot pieces that are not in a chunk yet. */
  bytes = 0
  /** Whether pieces were dropped because they would have exceeded `waitingPiecesBytes`. */
  isFull = false

  readonly add: AddPiece = (row, content) => {
    this.isFull ||= this.bytes + content.length > waitingPiecesBytes
    if (this.isFull) return
    this.#rows.push([row, content.length])
    this.#contents.push(content)
    this.bytes += content.length + rowBytes
  }

  /** Removes the oldest of the pieces that are not in a chunk yet, and returns them as a chunk. */
  async take(): Promise<Buffer> {
    let [count, bytes] = [0, 0]
    for (; count < this.#rows.length && bytes < chunkBytes; count++) {
      bytes += rowBytes + (this.#contents[count] as Uint8Array).length
    }
    this.bytes -= bytes
    const chunk = serialize([this.#rows.splice(0, count), Buffer.concat(this.#contents.splice(0, count))])
    return deflate(chunk, { level: constants.Z_BEST_SPEED })
  }
}

/** Estimated size of a row, in bytes. */
const rowBytes = 100

/** Returns the pieces in a compressed chunk. */
export async function piecesOf(chunk: Uint8Array): Promise<[TallyPiece, Uint8Array][]> {
  const [rows, contents] = deserialize(await inflate(chunk, { maxOutputLength: inflatedBytes })) as [
    [TallyPiece, number][],
    Uint8Array,
  ]
  let start = 0
  return rows.map(([row, length]) => {
    const content = contents.subarray(start, start + length)
    start += length
    return [row, content]
  })
}

export const checksumOf = (data: Uint8Array | string): number => crc32(data)

/**
 * Header of a checkpoint. The header identifies the log to which the checkpoint belongs, and contains the checksums of
 * the checkpoint's chunks.
 */
export interface CheckpointHeader {
  layout: string
  /** Identity of the store (`Store.identity`). */
  identity: string
  /** Log position of the checkpoint. The checkpoint includes all commits up to this position, and no later ones. */
  position: Position
  /** First minute whose calculations the checkpoint includes. */
  since: string
  /** Time at which the checkpoint was written, in ms since the Unix epoch. */
  at: number
  /** Checksums of the checkpoint's chunks, in order. */
  chunks: number[]
  /** Checksum of all other fields of the header. */
  checksum: number
}

export const headerOf = (members: Omit<CheckpointHeader, 'checksum'>): CheckpointHeader => ({
  ...members,
  checksum: headerChecksum(members),
})

export const headerChecksum = ({
  layout,
  identity,
  position,
  since,
  at,
  chunks,
}: Omit<CheckpointHeader, 'checksum'>): number =>
  checksumOf(JSON.stringify([layout, identity, position, since, at, chunks]))

/**
 * Version of the piece format. Increment this number if the fields of checkpoint pieces or their meaning change.
 */
const pieceVersion = 2

/**
 * Returns the checkpoint layout that a process with these bounds writes and reads. The layout includes the version of the V8 serialisation format.
 */
export const checkpointLayout = (bounds: readonly number[]): string =>
  JSON.stringify([pieceVersion, serialize(0)[1], ...bounds])
