import { isUtf8 } from 'node:buffer'
import type { ServerResponse } from 'node:http'
import { DomainError, unreadableNumber } from '../domain/errors'
import { Exact } from '../domain/exact'

/** Whether a Content-Type says JSON, in whatever charset. */
export const isJson = (contentType = ''): boolean =>
  contentType.split(';', 1)[0]?.trim().toLowerCase() === 'application/json'

/** Whether a Content-Type says no other charset than UTF-8. */
export function isInUtf8(contentType = ''): boolean {
  const parameters = contentType.toLowerCase().split(';').slice(1)
  const charset = parameters.map(parameter => parameter.trim()).find(parameter => parameter.startsWith('charset='))
  return charset === undefined || /^charset="?utf-?8"?$/.test(charset)
}

/** What may say more than the number that it is read as: every other numeral is of 15 digits at most and no exponent. */
const doubtful = /[\d.]{16}|\d[eE]/
const numeral = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/
const tokens = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|[^"\d-]+/gsy

/** Whether a numeral is read as the number that it says: 2.50000000000000000001 and 1e-400 are not. */
export function isExact(text: string): boolean {
  if (!doubtful.test(text)) return true
  const number = Number(text)
  return number === 0 ? !/^[^eE]*[1-9]/.test(text) : Number.isFinite(number) && new Exact(text).equals(number)
}

/** A JSON text whose numerals that would be rounded are `unreadableNumber` instead, which every schema refuses in its place. */
export function unrounded(text: string): string {
  if (!doubtful.test(text)) return text
  return text.replace(tokens, token => (numeral.test(token) && !isExact(token) ? String(unreadableNumber) : token))
}

/** Levels of arrays and objects that a client's value may have: what goes through one may recurse. */
export const maxNesting = 100

/** Whether a value of JSON has more levels of arrays and objects than that. */
export const isDeeper = (value: unknown, levels: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some(member => isDeeper(member, levels - 1)))

/** What a body's bytes say; invalid_json where they are not JSON in UTF-8, or of more levels than may be. */
export function parseJson(bytes: Buffer, levels?: number): unknown {
  const refused = (detail: string) => new DomainError('invalid_json', { errors: [{ detail, pointer: '' }] })
  if (bytes.length === 0) throw refused('has no body')
  if (!isUtf8(bytes)) throw refused('has a body that is not UTF-8')
  const text = bytes.toString('utf8')
  let said: unknown
  try {
    said = JSON.parse(text)
    if (doubtful.test(text)) said = JSON.parse(unrounded(text))
  } catch (error) {
    throw refused(`has a body that is not JSON: ${(error as SyntaxError).message}`)
  }
  if (levels !== undefined && isDeeper(said, levels)) throw refused(`has a body of more than ${levels} levels`)
  return said
}

export const jsonType = 'application/json; charset=utf-8'

/** Answers with what is JSON already. */
export function sendJsonText(response: ServerResponse, status: number, text: string, type = jsonType): void {
  response.statusCode = status
  response.setHeader('Content-Type', type)
  endWith(response, text)
}

/** Answers with JSON. */
export const sendJson = (response: ServerResponse, status: number, body: unknown, type = jsonType): void =>
  sendJsonText(response, status, JSON.stringify(body), type)

/** Ends an answer with a text. Its length is stated for HEAD too (RFC 9110 §9.3.2). One of ASCII alone is its bytes already. */
export function endWith(response: ServerResponse, text: string): void {
  const length = Buffer.byteLength(text)
  response.setHeader('Content-Length', length)
  response.end(text, length === text.length ? 'latin1' : 'utf8')
}
