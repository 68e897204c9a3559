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

/** Minimum size in bytes of a compressed text. Smaller texts fit into one network packet anyway. */
const leastBytes = 1_400

/** Maximum size in bytes for the main thread: handing over a small text takes longer than compressing it. */
const shortBytes = 32 * 1024

/** Maximum number of texts above `shortBytes` compressed concurrently. Further texts are sent uncompressed. */
export const compressedAtOnce = 16

/** At quality 3, Brotli is faster and smaller than gzip. A window of 256 KiB finds a response's repetitions. */
const brotli: BrotliOptions = {
  params: {
    [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
    [constants.BROTLI_PARAM_QUALITY]: 3,
    [constants.BROTLI_PARAM_LGWIN]: 18,
  },
}

/** Zlib options that halve the memory per compressed text without increasing the output size. */
const deflate: ZlibOptions = { windowBits: 14, memLevel: 7 }

/** For static assets, which are compressed only once. With a higher quality, this would take many seconds. */
const brotliOnce: BrotliOptions = { params: { [constants.BROTLI_PARAM_QUALITY]: 6 } }

const compressBrotli = promisify(brotliCompress) as (content: InputType, options: BrotliOptions) => Promise<Buffer>
const compressGzip = promisify(gzip) as (content: InputType, options?: ZlibOptions) => Promise<Buffer>

/** `short` runs on the main thread, `long` on another thread. `stream` flushes after each chunk. */
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

/** Module state, because the whole process shares the compression threads. */
let compressing = 0

export const compressedAsset = async (bytes: Buffer, encoding: Encoding | 'identity'): Promise<Buffer> =>
  encoding === 'identity' ? bytes : encodings[encoding].asset(bytes)

/** The response depends on the request's `Accept-Encoding` header (RFC 9110 §12.5.5). */
export function varyByEncoding(response: ServerResponse): void {
  if (!String(response.getHeader('Vary')).includes('Accept-Encoding')) response.appendHeader('Vary', 'Accept-Encoding')
}

const acceptedOf = ({ req }: ServerResponse) => preferredEncoding(req, ['br', 'gzip'])

/**
 * Never use this function for a text that contains both a secret and text chosen by a client: the compressed size could
 * reveal the secret (https://www.breachattack.com). The npm package `compression` is not used: it compresses every
 * response, and it increased the CPU time even of uncompressed reads by 17 %. Compression by a proxy is no alternative,
 * because it makes ETags weak.
 */
export function endCompressed(response: ServerResponse, text: string): void | Promise<void> {
  varyByEncoding(response)
  const encoding = acceptedOf(response)
  const size = encoding === 'identity' ? 0 : Buffer.byteLength(text)
  if (encoding === 'identity' || size < leastBytes) return endWith(response, text)
  if (size <= shortBytes) return endWithBytes(response, encoding, encodings[encoding].short(text))
  if (compressing >= compressedAtOnce) return endWith(response, text)
  compressing++
  return encodings[encoding]
    .long(text)
    .finally(() => compressing--)
    .then(bytes => endWithBytes(response, encoding, bytes))
}

export function sendCompressedJson(response: ServerResponse, text: string): void | Promise<void> {
  response.setHeader('Content-Type', jsonType)
  return endCompressed(response, text)
}

function endWithBytes(response: ServerResponse, encoding: string, bytes: Buffer): void {
  // The client may have disconnected while the text was being compressed.
  if (response.destroyed) return
  response.setHeader('Content-Encoding', encoding)
  response.setHeader('Content-Length', bytes.length)
  response.end(bytes)
}

export function setEncodingHeaders(response: ServerResponse): void {
  varyByEncoding(response)
  const encoding = acceptedOf(response)
  if (encoding !== 'identity') response.setHeader('Content-Encoding', encoding)
}

/**
 * Returns a stream for writing a response in chunks. The stream sends each chunk immediately, and applies backpressure
 * while the client reads slowly. For a compressed response, `compressedStream` sends the headers before it returns.
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
