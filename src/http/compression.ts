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
  type InputType,
  type ZlibOptions,
} from 'node:zlib'
import { preferredEncoding } from './content-negotiation'
import { endWith, jsonType } from './json'

/** Minimum size of a compressed text. Smaller texts fit into one packet anyway. */
const leastBytes = 1_400

/** Texts up to this size are compressed on the main thread, which is faster than using another thread. */
const shortBytes = 32 * 1024

/** Maximum number of larger texts that are compressed at the same time. Further texts are sent uncompressed. */
export const compressedAtOnce = 16

/**
 * At this quality, Brotli is both smaller and faster than gzip. A window of 256 KiB covers the repetitions in a text.
 */
const brotli: BrotliOptions = {
  params: {
    [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
    [constants.BROTLI_PARAM_QUALITY]: 3,
    [constants.BROTLI_PARAM_LGWIN]: 18,
  },
}

/** Half of zlib's default memory, which is allocated for each text. The output is no larger. */
const deflate: ZlibOptions = { windowBits: 14, memLevel: 7 }

/** Static assets are compressed only once, but a higher quality would take many seconds for megabytes of script. */
const brotliOnce: BrotliOptions = { params: { [constants.BROTLI_PARAM_QUALITY]: 6 } }

const compressBrotli = promisify(brotliCompress) as (content: InputType, options: BrotliOptions) => Promise<Buffer>
const compressGzip = promisify(gzip) as (content: InputType, options?: ZlibOptions) => Promise<Buffer>

/**
 * Content encodings: for short texts on the main thread, for long texts on another thread, for streams (which flush
 * after each chunk), and for static assets.
 */
const encodings = {
  br: {
    short: (text: string) => brotliCompressSync(text, brotli),
    long: (text: string) => compressBrotli(text, brotli),
    stream: () => createBrotliCompress({ ...brotli, flush: constants.BROTLI_OPERATION_FLUSH }),
    asset: (bytes: Buffer) => compressBrotli(bytes, brotliOnce),
  },
  gzip: {
    short: (text: string) => gzipSync(text, deflate),
    long: (text: string) => compressGzip(text, deflate),
    stream: () => createGzip({ ...deflate, flush: constants.Z_SYNC_FLUSH }),
    asset: (bytes: Buffer) => compressGzip(bytes),
  },
}

export type Encoding = keyof typeof encodings

/** Module state, because the threads that compress belong to the process. */
let underWay = 0

/** Compresses a static asset. `identity` returns the asset unchanged. */
export const compressedAsset = async (bytes: Buffer, encoding: Encoding | 'identity'): Promise<Buffer> =>
  encoding === 'identity' ? bytes : encodings[encoding].asset(bytes)

/** Adds `Accept-Encoding` to `Vary`, because the response depends on it (RFC 9110 §12.5.5). */
export function varyByEncoding(response: ServerResponse): void {
  if (!String(response.getHeader('Vary')).includes('Accept-Encoding')) response.appendHeader('Vary', 'Accept-Encoding')
}

const acceptedOf = ({ req }: ServerResponse) => preferredEncoding(req, ['br', 'gzip'])

/**
 * Ends a response with a text, compressed if that saves bytes and the client accepts it. Never use it for a text that
 * contains both a secret and text chosen by a client: the compressed size could reveal the secret
 * (https://www.breachattack.com).
 */
export function endCompressed(response: ServerResponse, text: string): void | Promise<void> {
  varyByEncoding(response)
  const encoding = acceptedOf(response)
  const size = encoding === 'identity' ? 0 : Buffer.byteLength(text)
  if (encoding === 'identity' || size < leastBytes) return endWith(response, text)
  if (size <= shortBytes) return endWithBytes(response, encoding, encodings[encoding].short(text))
  if (underWay >= compressedAtOnce) return endWith(response, text)
  underWay++
  return encodings[encoding]
    .long(text)
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
 * Returns the stream for writing a response in chunks. It sends each chunk at once, and no faster than the client
 * reads. For a compressed response, it also sends the headers at once.
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
