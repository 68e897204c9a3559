import { deserialize, serialize } from 'node:v8'
import type { Contribution } from '../../domain/contribution'
import { folded } from '../../domain/folding'
import type { Filter } from '../../domain/list-query'
import { isInRange } from '../../domain/months'
import { type Origin, restingStates } from '../../domain/session'
import type { Timestamp } from '../../domain/timestamp'
import { type AddPiece, type BlockPiece, type CutPiece, pieceKinds } from './checkpoint'
import type { Selection } from './tally'

/** Maximum number of labels in a block. */
const labelsABlock = 256
/**
 * Maximum size in bytes of the text that a search scans before it can yield. Scanning this much text takes up to half a
 * millisecond.
 */
export const bytesPerStep = 32 * 1024
/** Estimated memory in bytes of a label without its text, and of a block without its labels. */
const labelOverhead = 80
const blockOverhead = 1_000
/** When the oldest labels are dropped, the remaining labels should use this fraction of the maximum memory. */
const keptPart = 0.9
/** Maximum number of organisations for which lost labels are recorded individually. */
export const cutOrganisations = 10_000

/** Byte that follows each label. The separator never occurs in UTF-8 text. */
const separator = 0xff

/** Position of a session in the session list, which is ordered by creation time, then by id. */
interface SessionPosition {
  created: number
  session_id: string
}

const isBefore = (a: SessionPosition, b: SessionPosition): boolean =>
  a.created < b.created || (a.created === b.created && a.session_id < b.session_id)

/**
 * Number of numeric values that a block stores per row: the session's creation time, the end of its label in the text,
 * and its encoded state and month.
 */
const numbersARow = 3

/** Encodes a session's state and the month of its current result as one number. */
const markOf = ({ state, result }: Contribution): number =>
  restingStates.indexOf(state) + 4 * Number(result?.month.replace('-', ''))

function isSelected(mark: number, { state, months }: Selection): boolean {
  if (state !== undefined && restingStates[mark % 4] !== state) return false
  if (months === undefined) return true
  const digits = String(Math.floor(mark / 4)).padStart(6, '0')
  return isInRange(months, `${digits.slice(0, 4)}-${digits.slice(4)}`)
}

/** The rows of a label block as stored in a checkpoint. */
interface EncodedRows {
  count: number
  /** Length of the block's text in bytes. */
  length: number
  oldest: SessionPosition
  newest: SessionPosition
  rows: Uint8Array
}

/** Labels of adjacent sessions of one organisation, oldest first, packed into one text. */
class Block {
  /**
   * Number of the latest snapshot that no longer needs this block: the snapshot already contains the block, or began
   * before the block existed.
   */
  snapshot = 0
  #ids: string[] = []
  #numbers: number[] = []
  #text = Buffer.alloc(0)
  /**
   * The encoded rows of a block that was restored from a checkpoint. Undefined once the rows have been decoded, at the
   * block's first use.
   */
  #encoded: EncodedRows | undefined

  /** Returns a block restored from a checkpoint. */
  static restored(encoded: EncodedRows): Block {
    const block = new Block()
    block.#encoded = encoded
    return block
  }

  /** Returns the rows in the form that a checkpoint stores. */
  encode(): EncodedRows {
    if (this.#encoded) return this.#encoded
    const { count, length, oldest, newest } = this
    const rows = serialize([this.#ids, this.#numbers, this.#text.subarray(0, length)])
    return { count, length, oldest, newest, rows }
  }

  #decode(): void {
    if (!this.#encoded) return
    const { rows } = this.#encoded
    const [ids, numbers, text] = deserialize(rows) as [string[], number[], Uint8Array]
    this.#encoded = undefined
    this.#ids = ids
    this.#numbers = numbers
    this.#text = Buffer.from(text)
    // Overwrite the encoded rows, because text that is erased later would otherwise stay in memory (see `remove`).
    rows.fill(0)
  }

  get count(): number {
    return this.#encoded?.count ?? this.#ids.length
  }

  /** Length of the block's text in bytes. */
  get length(): number {
    return this.#encoded?.length ?? this.#endOf(this.#ids.length - 1)
  }

  /** Estimated memory in bytes that the block uses. */
  get bytes(): number {
    return blockOverhead + labelOverhead * this.count + this.length
  }

  get oldest(): SessionPosition {
    return this.#encoded?.oldest ?? this.positionOf(0)
  }

  get newest(): SessionPosition {
    return this.#encoded?.newest ?? this.positionOf(this.#ids.length - 1)
  }

  hasAt(row: number, session_id: string): boolean {
    this.#decode()
    return this.#ids[row] === session_id
  }

  /** Returns the first row of the search step that ends just before the row `end`. */
  stepBefore(end: number): number {
    this.#decode()
    const least = this.#endOf(end - 1) - bytesPerStep
    let row = end - 1
    while (row > 0 && this.#endOf(row - 2) >= least) row--
    return row
  }

  positionOf(row: number): SessionPosition {
    this.#decode()
    return { created: this.#numbers[numbersARow * row] as number, session_id: this.#ids[row] as string }
  }

  #endOf(row: number): number {
    return row < 0 ? 0 : (this.#numbers[numbersARow * row + 1] as number)
  }

  /** Returns the first row whose session is at or after this position. */
  rowAt(position: SessionPosition): number {
    this.#decode()
    let low = 0
    let high = this.#ids.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (isBefore(this.positionOf(middle), position)) low = middle + 1
      else high = middle
    }
    return low
  }

  mark(row: number, mark: number): void {
    this.#decode()
    this.#numbers[numbersARow * row + 2] = mark
  }

  insert(row: number, { created, session_id }: SessionPosition, label: Buffer, mark: number): void {
    this.#decode()
    const { length } = this
    const start = this.#endOf(row - 1)
    const added = label.length + 1
    if (length + added > this.#text.length) this.#resizeText(length + added)
    this.#text.copyWithin(start + added, start, length)
    label.copy(this.#text, start)
    this.#text[start + label.length] = separator
    this.#numbers.splice(numbersARow * row, 0, created, start, mark)
    this.#ids.splice(row, 0, session_id)
    this.#moveEnds(row, added)
  }

  remove(row: number): void {
    this.#decode()
    const start = this.#endOf(row - 1)
    const removed = this.#endOf(row) - start
    const { length } = this
    this.#text.copyWithin(start, start + removed, length)
    // Overwrite the removed text, so that erased text does not stay in memory.
    this.#text.fill(0, length - removed, length)
    this.#moveEnds(row + 1, -removed)
    this.#numbers.splice(numbersARow * row, numbersARow)
    this.#ids.splice(row, 1)
    if (4 * this.length < this.#text.length) this.#resizeText(this.length)
  }

  #moveEnds(row: number, by: number): void {
    for (let at = row; at < this.#ids.length; at++) (this.#numbers[numbersARow * at + 1] as number) += by
  }

  #resizeText(length: number): void {
    const text = Buffer.allocUnsafeSlow(Math.ceil(1.25 * length))
    this.#text.copy(text)
    this.#text = text
  }

  /** Moves `row` and all later rows to a new block, and returns the new block. */
  split(row: number): Block {
    const later = new Block()
    later.snapshot = this.snapshot
    const start = this.#endOf(row - 1)
    const end = this.length
    later.#text = Buffer.allocUnsafeSlow(end - start)
    this.#text.copy(later.#text, 0, start, end)
    later.#numbers.push(...this.#numbers.splice(numbersARow * row))
    later.#ids.push(...this.#ids.splice(row))
    later.#moveEnds(0, -start)
    this.#resizeText(start)
    return later
  }

  /**
   * Visits the rows that contain all words, newest first, until `visit` returns false. Searches from the row `first` up
   * to, but not including, the row `end`. Scans the block's text for the first word only. If a row with this word lacks
   * another word, the search moves that other word to the front, because it is probably rarer.
   */
  find(
    first: number,
    end: number,
    words: Buffer[],
    selection: Selection,
    visit: (position: SessionPosition) => boolean,
  ): void {
    this.#decode()
    const start = this.#endOf(first - 1)
    const searched = this.#text.subarray(start, this.#endOf(end - 1))
    const [word, ...others] = words as [Buffer, ...Buffer[]]
    let row = end
    let length = searched.length
    while (length > 0) {
      const found = searched.lastIndexOf(word, length - 1)
      if (found < 0) return
      do row--
      while (this.#endOf(row - 1) > start + found)
      length = this.#endOf(row - 1) - start
      const label = others.length > 0 && searched.subarray(length, this.#endOf(row) - start)
      const missing = label && others.find(other => !label.includes(other))
      if (missing) {
        words.splice(words.indexOf(missing), 1)
        words.unshift(missing)
        continue
      }
      const mark = this.#numbers[numbersARow * row + 2] as number
      if (isSelected(mark, selection) && !visit(this.positionOf(row))) return
    }
  }
}

/** The newest of the sessions found, newest first. */
class Newest {
  readonly positions: SessionPosition[] = []

  constructor(readonly limit: number) {}

  /** Adds a session. Returns false if the list is full and this session is older than all sessions in the list. */
  add(position: SessionPosition): boolean {
    if (!this.isWanted(position)) return false
    // If a session's label was replaced during the scan, the session may be found twice.
    if (this.positions.some(({ session_id }) => session_id === position.session_id)) return true
    let at = this.positions.length
    while (at > 0 && isBefore(this.positions[at - 1] as SessionPosition, position)) at--
    this.positions.splice(at, 0, position)
    if (this.positions.length > this.limit) this.positions.pop()
    return true
  }

  isWanted(position: SessionPosition): boolean {
    const last = this.positions.at(-1)
    return this.positions.length < this.limit || !last || !isBefore(position, last)
  }
}

/**
 * Returns the last block that begins before a position. If no block begins before the position, returns the first
 * block.
 */
function blockBefore(blocks: Block[], position: SessionPosition): number {
  let low = 0
  let high = blocks.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (isBefore((blocks[middle] as Block).oldest, position)) low = middle
    else high = middle - 1
  }
  return low
}

interface LabelsOfOne {
  /** Label blocks. No block is empty. */
  blocks: Block[]
  /** Estimated memory in bytes that the blocks use. */
  bytes: number
}

/**
 * Divides `total` fairly among consumers that request the amounts in `wanted`. Each consumer gets the requested amount,
 * but no more than a cap. Returns the largest cap per consumer for which `total` suffices.
 */
export function fairShare(wanted: readonly number[], total: number): number {
  let left = total
  for (const [i, amount] of wanted.toSorted((a, b) => a - b).entries()) {
    const share = left / (wanted.length - i)
    if (amount > share) return share
    left -= amount
  }
  return Number.POSITIVE_INFINITY
}

/**
 * In-memory index of all current results' folded labels, grouped by organisation and ordered like the session list. A
 * search scans the labels from the newest session to the oldest, so its cost depends only on the organisations that it
 * searches. When the labels exceed the maximum memory, the organisations that use the most memory lose their oldest
 * labels.
 */
export class Labels {
  /** Labels by organisation. Each organisation has at least one block. */
  readonly #organisations = new Map<string | null, LabelsOfOne>()
  #bytes = 0
  /**
   * A creation time for each organisation that lost labels. Sessions of the organisation that were created before this
   * time have no labels.
   */
  readonly #heldFrom = new Map<string | null, number>()
  /**
   * Creation time for the organisations that have no entry in `#heldFrom`. Their sessions created before this time have
   * no labels.
   */
  #othersHeldFrom = Number.NEGATIVE_INFINITY
  /** Number of snapshots begun so far. */
  #snapshots = 0
  /** Receives each piece of the snapshot that is being taken. */
  #addPiece: AddPiece | undefined

  constructor(readonly bytesAtMost: number) {}

  /**
   * Whether labels of an organisation's older sessions are missing because the labels exceeded their memory limit. If
   * the organisation's id is undefined, checks all organisations. If the id is null, checks the sessions without an
   * organisation.
   */
  isCut(organisation_id?: string | null): boolean {
    if (organisation_id === undefined && this.#heldFrom.size > 0) return true
    return this.#heldFromOf(organisation_id ?? null) > Number.NEGATIVE_INFINITY
  }

  #heldFromOf(organisation_id: string | null): number {
    return this.#heldFrom.get(organisation_id) ?? this.#othersHeldFrom
  }

  /** Estimated memory in bytes that all labels use. */
  get bytes(): number {
    return this.#bytes
  }

  /**
   * Replaces the label of a session's current result. If the new label is null, removes the label. If the new label is
   * undefined, keeps the label. A session has no label if it has no result or is closed (`after` is null).
   */
  set(
    { session_id, organisation_id, created_at }: Omit<Origin, 'external_id'>,
    after: Contribution | null,
    label?: string | null,
  ): void {
    const position = { created: Date.parse(created_at satisfies Timestamp), session_id }
    if (after?.result && label === undefined) this.#mark(organisation_id, position, markOf(after))
    else {
      this.#remove(organisation_id, position)
      if (after?.result && label) this.#insert(organisation_id, position, folded(label), markOf(after))
    }
  }

  /**
   * Returns the block and row of a session. If the session has no label, returns the block and row at which its label
   * would be inserted.
   */
  #find(organisation_id: string | null, position: SessionPosition) {
    const of = this.#organisations.get(organisation_id) ?? { blocks: [], bytes: 0 }
    // Append a NUL to the id, so that the search also finds a block that begins with this session.
    const index = blockBefore(of.blocks, { ...position, session_id: `${position.session_id}\0` })
    const block = of.blocks[index]
    const row = block?.rowAt(position) ?? 0
    return { of, index, block, row, isThere: block?.hasAt(row, position.session_id) }
  }

  #mark(organisation_id: string | null, position: SessionPosition, mark: number): void {
    const { block, row, isThere } = this.#find(organisation_id, position)
    if (!block || !isThere) return
    this.#save(organisation_id, block)
    block.mark(row, mark)
  }

  #remove(organisation_id: string | null, position: SessionPosition): void {
    const { of, index, block, row, isThere } = this.#find(organisation_id, position)
    if (!block || !isThere) return
    this.#save(organisation_id, block)
    const { bytes } = block
    block.remove(row)
    this.#count(of, block.bytes - bytes)
    if (block.count > 0) return
    this.#dropBlocks(organisation_id, of, index, 1)
  }

  #insert(organisation_id: string | null, position: SessionPosition, label: string, mark: number): void {
    if (position.created < this.#heldFromOf(organisation_id)) return
    const { of, index, block = this.#newBlock(), row } = this.#find(organisation_id, position)
    if (of.blocks.length === 0) {
      this.#organisations.set(organisation_id, of)
      of.blocks.push(block)
      this.#count(of, block.bytes)
    }
    this.#save(organisation_id, block)
    const { bytes } = block
    block.insert(row, position, Buffer.from(label), mark)
    this.#count(of, block.bytes - bytes)
    if (block.count > labelsABlock) {
      // If the label was added at the block's end, leave the block full, because most labels are added for the newest
      // session.
      of.blocks.splice(index + 1, 0, block.split(row === labelsABlock ? labelsABlock : labelsABlock >> 1))
      this.#count(of, blockOverhead)
    }
    if (this.#bytes > this.bytesAtMost) this.#dropOldest()
  }

  /** Creates a block that is not part of the snapshot in progress. */
  #newBlock(): Block {
    const block = new Block()
    block.snapshot = this.#snapshots
    return block
  }

  /**
   * Begins a snapshot of the current labels. Each step of the returned iterator adds one piece to the snapshot. A block
   * that is about to change is added just before it changes, so all pieces reflect the time of this call.
   */
  snapshot(addPiece: AddPiece): Iterator<void> {
    this.#snapshots++
    this.#addPiece = addPiece
    const heldFrom = [...this.#heldFrom]
    addPiece([pieceKinds.cut, heldFrom, this.#othersHeldFrom])
    const all = Array.from(this.#organisations, ([organisation_id, { blocks }]) => ({
      organisation_id,
      blocks: [...blocks],
    }))
    return this.#unsaved(all)
  }

  endSnapshot(): void {
    this.#addPiece = undefined
  }

  *#unsaved(all: { organisation_id: string | null; blocks: Block[] }[]): Generator<void> {
    for (const { organisation_id, blocks } of all) {
      for (const block of blocks) {
        this.#save(organisation_id, block)
        yield
      }
    }
  }

  /**
   * Adds a block to the snapshot in progress. Does nothing if the snapshot already contains the block, or began before
   * the block existed.
   */
  #save(organisation_id: string | null, block: Block): void {
    if (!this.#addPiece || block.snapshot === this.#snapshots) return
    block.snapshot = this.#snapshots
    const { count, length, oldest, newest, rows } = block.encode()
    const [from, to] = [[oldest.created, oldest.session_id] as const, [newest.created, newest.session_id] as const]
    this.#addPiece([pieceKinds.block, organisation_id, count, length, ...from, ...to], rows)
  }

  /** Adds a block from a checkpoint. After the last block, call `sortRestored`. */
  restore([, organisation_id, count, length, ...ends]: BlockPiece, rows: Uint8Array): void {
    const oldest = { created: ends[0], session_id: ends[1] }
    const newest = { created: ends[2], session_id: ends[3] }
    const block = Block.restored({ count, length, oldest, newest, rows })
    block.snapshot = this.#snapshots
    const of = this.#organisations.get(organisation_id) ?? { blocks: [], bytes: 0 }
    this.#organisations.set(organisation_id, of)
    of.blocks.push(block)
    this.#count(of, block.bytes)
  }

  restoreCut([, heldFrom, othersHeldFrom]: CutPiece): void {
    for (const [organisation_id, from] of heldFrom) this.#heldFrom.set(organisation_id, from)
    this.#othersHeldFrom = othersHeldFrom
  }

  /** Sorts the restored blocks, because a checkpoint contains them in any order. */
  sortRestored(): void {
    for (const { blocks } of this.#organisations.values())
      blocks.sort((a, b) => (isBefore(a.oldest, b.oldest) ? -1 : 1))
  }

  #count(of: LabelsOfOne, bytes: number): void {
    of.bytes += bytes
    this.#bytes += bytes
  }

  #dropBlocks(organisation_id: string | null, of: LabelsOfOne, first: number, count: number): void {
    for (const block of of.blocks.splice(first, count)) this.#count(of, -block.bytes)
    if (of.blocks.length === 0) this.#organisations.delete(organisation_id)
  }

  /**
   * Drops the oldest labels of the organisations that use the most memory, so that all other organisations keep their
   * labels. Dropping labels takes longer than inserting a label, but seldom happens.
   */
  #dropOldest(): void {
    const kept = keptPart * this.bytesAtMost
    const greediest = [...this.#organisations].sort(([, a], [, b]) => b.bytes - a.bytes)
    const share = fairShare(
      greediest.map(([, { bytes }]) => bytes),
      kept,
    )
    for (const [organisation_id, of] of greediest) {
      let excess = Math.min(of.bytes - share, this.#bytes - kept)
      if (excess <= 0) return
      let count = 0
      while (excess > 0) excess -= (of.blocks[count++] as Block).bytes
      this.#cut(organisation_id, (of.blocks[count - 1] as Block).newest.created + 1)
      this.#dropBlocks(organisation_id, of, 0, count)
    }
  }

  /**
   * Records that an organisation's sessions created before the time `heldFrom` have no labels. If too many
   * organisations have lost labels to record each one's time, the latest of these times applies to all organisations.
   */
  #cut(organisation_id: string | null, heldFrom: number): void {
    this.#heldFrom.set(organisation_id, Math.max(heldFrom, this.#othersHeldFrom))
    if (this.#heldFrom.size <= cutOrganisations) return
    for (const from of this.#heldFrom.values()) this.#othersHeldFrom = Math.max(this.#othersHeldFrom, from)
    this.#heldFrom.clear()
  }

  /**
   * Finds the newest sessions whose label contains all folded words, in one organisation or in all. Returns their ids,
   * newest first. Yields after every `bytesPerStep` bytes of text, so that the caller can let other work run. Labels
   * can change whenever the search yields.
   */
  *find({ organisation_id, ...selection }: Filter, words: readonly string[], limit: number): Generator<void, string[]> {
    const searched = words.map(word => Buffer.from(word))
    const newest = new Newest(limit)
    const lists =
      organisation_id === undefined
        ? this.#organisations.values()
        : [this.#organisations.get(organisation_id) ?? { blocks: [] }]
    for (const { blocks } of lists) {
      yield
      let before: SessionPosition = { created: Number.POSITIVE_INFINITY, session_id: '' }
      while (blocks.length > 0) {
        const block = blocks[blockBefore(blocks, before)] as Block
        const end = block.rowAt(before)
        const isScanned = end === 0
        if (isScanned || !newest.isWanted(block.positionOf(end - 1))) break
        const first = block.stepBefore(end)
        block.find(first, end, searched, selection, position => newest.add(position))
        before = block.positionOf(first)
        yield
      }
    }
    return newest.positions.map(({ session_id }) => session_id)
  }
}
