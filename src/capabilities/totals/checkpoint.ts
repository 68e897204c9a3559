import { promisify } from 'node:util'
import { deserialize, serialize } from 'node:v8'
import { constants, crc32, deflateRaw, inflateRaw } from 'node:zlib'
import type { Position } from '../../db/store'

// A checkpoint is a snapshot of the projection as of one position of the log. It consists of pieces: tallies, and blocks
// of labels. Each piece is a row that is read at the start, and content that its first use decodes. Pieces are packed
// into compressed chunks.

export const pieceKinds = { all: 0, organisation: 1, mentor: 2, splitMentor: 3, part: 4, block: 5, cut: 6 } as const

/** Row of a tally: kind, mentor, organisation, sessions, sessions by state, number of sums, calculations. */
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

/** Row of a block of labels: kind, organisation, number of labels, length of the text, first and last session. */
export type BlockPiece = readonly [
  kind: number,
  organisation_id: string | null,
  count: number,
  length: number,
  oldest: number,
  oldestId: string,
  newest: number,
  newestId: string,
]

/** The times from which on labels are held. */
export type CutPiece = readonly [kind: number, heldFrom: [string | null, number][], othersHeldFrom: number]

export type PieceRow = TallyPiece | BlockPiece | CutPiece
export type AddPiece = (row: PieceRow, content?: Uint8Array) => void

/**
 * Maximum size in bytes of the pieces of a snapshot that are in no chunk yet. They grow while the store is slow and
 * sessions change. Beyond it, the snapshot is abandoned.
 */
export const waitingPiecesBytes = 64 * 1024 * 1024
/** Size of the pieces in a chunk before compression, in bytes. */
export const chunkBytes = 512 * 1024
/** Maximum size of a chunk after decompression. A chunk exceeds `chunkBytes` by one piece. */
const inflatedBytes = 256 * 1024 * 1024

const deflate = promisify(deflateRaw)
const inflate = promisify(inflateRaw)

/** Packs pieces into chunks. */
export class ChunkWriter {
  #rows: [PieceRow, bytes: number][] = []
  #contents: Uint8Array[] = []
  /** Estimated size of the pieces that are in no chunk yet. */
  bytes = 0
  /** Whether pieces were dropped, because too many wait. */
  isFull = false

  readonly add: AddPiece = (row, content = new Uint8Array()) => {
    this.isFull ||= this.bytes + content.length > waitingPiecesBytes
    if (this.isFull) return
    this.#rows.push([row, content.length])
    // Copied, because a block clears its encoded rows when it decodes them.
    this.#contents.push(Uint8Array.from(content))
    this.bytes += content.length + rowBytes
  }

  /** Returns a chunk of the first pieces that wait. */
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

/** Returns the pieces of a chunk. */
export async function piecesOf(chunk: Uint8Array): Promise<[PieceRow, Uint8Array][]> {
  const [rows, contents] = deserialize(await inflate(chunk, { maxOutputLength: inflatedBytes })) as [
    [PieceRow, number][],
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

/** Says to which log a checkpoint belongs, and which chunks it has. */
export interface CheckpointHeader {
  layout: string
  /** See Store.identity. */
  identity: string
  /** All commits up to this position are included, and no others. */
  position: Position
  /** First minute of the calculations that it includes. */
  since: string
  /** Time when it was written, in ms. */
  at: number
  /** Checksums of the chunks, in order. */
  chunks: number[]
  /** Checksum of all other members. */
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

/** Version of the pieces. Raise it if their members or their meaning change, or if `folded` folds a text differently. */
const pieceVersion = 1

/**
 * Layout of the checkpoints that a process with these bounds writes and reads. The version of Unicode decides how texts
 * are folded, and the encoding of values depends on V8.
 */
export const checkpointLayout = (bounds: readonly number[]): string =>
  JSON.stringify([pieceVersion, process.versions.unicode, serialize(0)[1], ...bounds])
