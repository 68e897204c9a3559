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
import { preferredEncoding } from './content-negotiation'
import { endWith, jsonType } from './json'

/** Smaller texts are sent uncompressed, because they fit into one packet anyway. */
const leastBytes = 1_400

/** Texts up to this size are compressed on the main thread, because that is faster than asking another thread. */
const bytesHere = 32 * 1024

/** Larger texts that other threads compress at the same time. Beyond this number, texts are sent uncompressed. */
export const compressedAtOnce = 16

/**
 * At this quality Brotli is both smaller and faster than gzip. A window of 256 KiB covers the repetitions in a text.
 */
const brotli: BrotliOptions = {
  params: {
    [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
    [constants.BROTLI_PARAM_QUALITY]: 3,
    [constants.BROTLI_PARAM_LGWIN]: 18,
  },
}

/** Half of zlib's default memory, which is allocated for each text. The output does not get larger. */
const deflate: ZlibOptions = { windowBits: 14, memLevel: 7 }

const compressBrotli = promisify(brotliCompress) as (text: string, options: BrotliOptions) => Promise<Buffer>
const compressGzip = promisify(gzip) as (text: string, options: ZlibOptions) => Promise<Buffer>

/** Streams flush after each chunk. */
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

/** Adds `Accept-Encoding` to `Vary`, because the response depends on it (RFC 9110 §12.5.5). */
export function varyByEncoding(response: ServerResponse): void {
  if (!String(response.getHeader('Vary')).includes('Accept-Encoding')) response.appendHeader('Vary', 'Accept-Encoding')
}

const acceptedOf = ({ req }: ServerResponse) => preferredEncoding(req, ['br', 'gzip'])

/**
 * Ends a response with a text, compressed if that saves bytes and the client accepts it. Do not use it for texts that
 * contain a secret: beside text that a client chooses, the compressed size reveals it (https://www.breachattack.com).
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

/** Sends a JSON text like `endCompressed`. */
export function sendCompressedJson(response: ServerResponse, text: string): void | Promise<void> {
  response.setHeader('Content-Type', jsonType)
  return endCompressed(response, text)
}

function endWithBytes(response: ServerResponse, encoding: string, bytes: Buffer): void {
  // The client may have disconnected during compression.
  if (response.destroyed) return
  response.setHeader('Content-Encoding', encoding)
  response.setHeader('Content-Length', bytes.length)
  response.end(bytes)
}

/** Sets the encoding headers of a response that is written in chunks. */
export function setEncodingHeaders(response: ServerResponse): void {
  varyByEncoding(response)
  const encoding = acceptedOf(response)
  if (encoding !== 'identity') response.setHeader('Content-Encoding', encoding)
}

/**
 * Returns the stream to write such a response to. It sends each chunk at once and no faster than the client reads. For
 * a compressed response, it sends the headers immediately.
 */
export function compressedStream(response: ServerResponse): Writable {
  const encoding = acceptedOf(response)
  if (encoding === 'identity') return response
  response.flushHeaders()
  const stream = encodings[encoding].stream()
  response.once('close', () => stream.destroy())
  stream.pipe(response)
  return stream
}
