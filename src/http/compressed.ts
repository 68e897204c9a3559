import type { ServerResponse } from 'node:http'
import type { Writable } from 'node:stream'
import { promisify } from 'node:util'
import {
  type BrotliOptions,
  brotliCompress,
  brotliCompressSync,
  constants,
  createBrotliCompress,
  createGzip,
  gzip,
  gzipSync,
  type ZlibOptions,
} from 'node:zlib'
import { encodingOf } from './accept'
import { endWith, jsonType } from './json'

/** What is smaller fits one packet as it is. */
const leastBytes = 1_400

/** What is no larger is compressed sooner than another thread is asked for it. */
const bytesHere = 32 * 1024

/** Larger texts that are compressed together; one more is sent as it is. */
export const compressedAtOnce = 16

/** Of this quality it is both smaller and sooner done than gzip; a window of 256 KiB holds what a text repeats. */
const brotli: BrotliOptions = {
  params: {
    [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
    [constants.BROTLI_PARAM_QUALITY]: 3,
    [constants.BROTLI_PARAM_LGWIN]: 18,
  },
}

/** Half of zlib's own memory: it is taken anew for each text, and no text gets larger for it. */
const deflate: ZlibOptions = { windowBits: 14, memLevel: 7 }

const compressBrotli = promisify(brotliCompress) as (text: string, options: BrotliOptions) => Promise<Buffer>
const compressGzip = promisify(gzip) as (text: string, options: ZlibOptions) => Promise<Buffer>

/** Each piece that a stream is given is flushed. */
const encodings = {
  br: {
    here: (text: string) => brotliCompressSync(text, brotli),
    beside: (text: string) => compressBrotli(text, brotli),
    stream: () => createBrotliCompress({ ...brotli, flush: constants.BROTLI_OPERATION_FLUSH }),
  },
  gzip: {
    here: (text: string) => gzipSync(text, deflate),
    beside: (text: string) => compressGzip(text, deflate),
    stream: () => createGzip({ ...deflate, flush: constants.Z_SYNC_FLUSH }),
  },
}

let underWay = 0

/** Says that who accepts another encoding may be sent another answer (RFC 9110 §12.5.5). */
export function varyByEncoding(response: ServerResponse): void {
  if (!String(response.getHeader('Vary')).includes('Accept-Encoding')) response.appendHeader('Vary', 'Accept-Encoding')
}

const acceptedOf = ({ req }: ServerResponse) => encodingOf(req, ['br', 'gzip'])

/**
 * Ends an answer with a text, compressed where that pays and the client takes it. It is for texts without a secret: beside what
 * a client says, the size would tell of it (https://www.breachattack.com).
 */
export function endCompressed(response: ServerResponse, text: string): void | Promise<void> {
  varyByEncoding(response)
  const encoding = acceptedOf(response)
  const size = encoding === 'identity' ? 0 : Buffer.byteLength(text)
  if (encoding === 'identity' || size < leastBytes) return endWith(response, text)
  if (size <= bytesHere) return endWithBytes(response, encoding, encodings[encoding].here(text))
  if (underWay >= compressedAtOnce) return endWith(response, text)
  underWay++
  return encodings[encoding]
    .beside(text)
    .finally(() => underWay--)
    .then(bytes => endWithBytes(response, encoding, bytes))
}

/** The same with JSON as the text. */
export function sendCompressedJson(response: ServerResponse, text: string): void | Promise<void> {
  response.setHeader('Content-Type', jsonType)
  return endCompressed(response, text)
}

function endWithBytes(response: ServerResponse, encoding: string, bytes: Buffer): void {
  // Its client may have gone meanwhile.
  if (response.destroyed) return
  response.setHeader('Content-Encoding', encoding)
  response.setHeader('Content-Length', bytes.length)
  response.end(bytes)
}

/** States how a text that is made piece by piece is encoded. */
export function stateEncoding(response: ServerResponse): void {
  varyByEncoding(response)
  const encoding = acceptedOf(response)
  if (encoding !== 'identity') response.setHeader('Content-Encoding', encoding)
}

/**
 * Where the pieces of such a text are written: each is sent as it comes, no faster than the client takes them. The head
 * of an encoded answer is sent with this.
 */
export function compressing(response: ServerResponse): Writable {
  const encoding = acceptedOf(response)
  if (encoding === 'identity') return response
  response.flushHeaders()
  const stream = encodings[encoding].stream()
  response.once('close', () => stream.destroy())
  stream.pipe(response)
  return stream
}
