import { DomainError } from '../../domain/errors'
import { importBytes, importLines, lineBytes } from './model'

/** A line of the request body, without its line feed. */
export interface Line {
  number: number
  bytes: Buffer
}

const lineFeed = 0x0a

/** Splits a request body into lines as its chunks arrive. Counts blank lines, but does not yield them. */
export class LineSplitter {
  #number = 0
  #received = 0
  /** Chunks of the current incomplete line, and their total length in bytes. */
  #parts: Buffer[] = []
  #length = 0;

  /** Yields the lines that end in this chunk. Throws `payload_too_large` if the request body exceeds a limit. */
  *split(chunk: Buffer): Generator<Line, undefined> {
    for (let from = 0; from < chunk.length; ) {
      const end = chunk.indexOf(lineFeed, from)
      this.#add(chunk.subarray(from, end < 0 ? chunk.length : end))
      if (end < 0) return
      this.#receive(1)
      if (this.#length === 0) this.#begin()
      yield* this.#take()
      from = end + 1
    }
  }

  /** A last line that ends with a line feed was already yielded by `split`. */
  *end(): Generator<Line, undefined> {
    if (this.#length > 0) yield* this.#take()
  }

  *#take(): Generator<Line, undefined> {
    const bytes = this.#parts.length === 1 ? (this.#parts[0] as Buffer) : Buffer.concat(this.#parts)
    this.#parts = []
    this.#length = 0
    if (!isBlank(bytes)) yield { number: this.#number, bytes }
  }

  #add(part: Buffer): void {
    if (part.length === 0) return
    if (this.#length === 0) this.#begin()
    this.#receive(part.length)
    this.#length += part.length
    if (this.#length > lineBytes)
      throw tooLarge(lineBytes, `Line ${this.#number} is longer than the maximum of ${lineBytes} bytes.`)
    this.#parts.push(part)
  }

  #begin(): void {
    if (this.#number === importLines)
      throw tooLarge(
        importBytes,
        `The body has more than ${importLines} lines. Send the remaining lines in another import.`,
      )
    this.#number++
  }

  #receive(bytes: number): void {
    this.#received += bytes
    if (this.#received > importBytes)
      throw tooLarge(
        importBytes,
        `The body is larger than the maximum of ${importBytes} bytes. Send the remaining lines in another import.`,
      )
  }
}

const tooLarge = (limit: number, message: string): DomainError =>
  new DomainError('payload_too_large', { limit }).withMessage(message)

/** Whether a line contains only JSON whitespace. */
const isBlank = (bytes: Buffer): boolean => bytes.every(byte => byte === 0x20 || byte === 0x09 || byte === 0x0d)
