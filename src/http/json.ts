import { isUtf8 } from 'node:buffer'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { DomainError, unreadableNumber } from '../domain/errors'
import { Exact } from '../domain/time-value'

export const mediaTypeOf = (contentType = ''): string | undefined => contentType.split(';', 1)[0]?.trim().toLowerCase()

/** Whether a Content-Type header specifies UTF-8 or no charset. */
export function isInUtf8(contentType = ''): boolean {
  const parameters = contentType.toLowerCase().split(';').slice(1)
  const charset = parameters.map(parameter => parameter.trim()).find(parameter => parameter.startsWith('charset='))
  return charset === undefined || /^charset="?utf-?8"?$/.test(charset)
}

/** A text that does not match contains no number that a double would round. */
const doubtful = /[\d.]{16}|\d[eE]/
const numeral = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/
const tokens = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|[^"\d-]+/gsy

/** Whether a number can be parsed as a double without rounding, unlike 2.50000000000000000001 or 1e-400. */
export function isExact(text: string): boolean {
  if (!doubtful.test(text)) return true
  const number = Number(text)
  return number === 0 ? !/^[^eE]*[1-9]/.test(text) : Number.isFinite(number) && new Exact(text).equals(number)
}

/** Every schema refuses `unreadableNumber`, and the error contains a pointer to that number. */
export function withoutRounding(text: string): string {
  if (!doubtful.test(text)) return text
  return text.replace(tokens, token => (numeral.test(token) && !isExact(token) ? String(unreadableNumber) : token))
}

/** Maximum nesting depth of a client's JSON or GraphQL document, so that recursion can't overflow the stack. */
export const maxNesting = 100

export const isDeeper = (value: unknown, levels: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some(member => isDeeper(member, levels - 1)))

/** Throws `invalid_json` if the bytes are not JSON in UTF-8, or if the JSON is nested more than `levels` deep. */
export function parseJson(bytes: Buffer, levels?: number, what = 'a body'): unknown {
  const refused = (detail: string) => new DomainError('invalid_json', { errors: [{ detail, pointer: '' }] })
  if (bytes.length === 0) throw refused('has no body')
  if (!isUtf8(bytes)) throw refused(`has ${what} that is not UTF-8`)
  const text = bytes.toString('utf8')
  let value: unknown
  try {
    value = JSON.parse(text)
    if (doubtful.test(text)) value = JSON.parse(withoutRounding(text))
  } catch (error) {
    throw refused(`has ${what} that is not JSON: ${(error as SyntaxError).message}`)
  }
  if (levels !== undefined && isDeeper(value, levels))
    throw refused(`has ${what} that is nested more than ${levels} levels deep`)
  return value
}

export const jsonType = 'application/json; charset=utf-8'

export function sendJsonText(response: ServerResponse, status: number, text: string, type = jsonType): void {
  response.statusCode = status
  response.setHeader('Content-Type', type)
  endWith(response, text)
}

export const sendJson = (response: ServerResponse, status: number, body: unknown, type = jsonType): void =>
  sendJsonText(response, status, JSON.stringify(body), type)

/** A response to HEAD has `Content-Length` too (RFC 9110 §9.3.2). As latin1, ASCII text needs no encoding. */
export function endWith(response: ServerResponse, text: string): void {
  const length = Buffer.byteLength(text)
  response.setHeader('Content-Length', length)
  response.end(text, length === text.length ? 'latin1' : 'utf8')
}

/** Returns UTF-8 bytes as a text to be written as `latin1`, so that a text for many subscribers is encoded once. */
export const bytesOf = (text: string): string => Buffer.from(text).toString('latin1')

/** Reads a body above `limit` bytes to its end before refusing it: many clients send the whole body first. */
export function bodyBytes(request: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= limit) chunks.push(chunk)
    })
    request.on('end', () => {
      if (size > limit) reject(new DomainError('payload_too_large', { limit }))
      else resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks))
    })
    request.on('error', reject)
    request.on(
      'close',
      () => request.complete || reject(new Error('the client closed the connection before the end of the body')),
    )
  })
}

export function lazily<T>(work: () => Promise<T>): () => Promise<T> {
  let done: Promise<T> | undefined
  return () => {
    done ??= work()
    return done
  }
}
