import { isUtf8 } from 'node:buffer'
import { DomainError } from './domain/errors'

/** Whether a Content-Type says JSON, in whatever charset. */
export const isJson = (contentType = ''): boolean =>
  contentType.split(';', 1)[0]?.trim().toLowerCase() === 'application/json'

/** Whether a Content-Type says no other charset than UTF-8. */
export function isInUtf8(contentType = ''): boolean {
  const parameters = contentType.toLowerCase().split(';').slice(1)
  const charset = parameters.map(parameter => parameter.trim()).find(parameter => parameter.startsWith('charset='))
  return charset === undefined || /^charset="?utf-?8"?$/.test(charset)
}

/** What a body's bytes say; invalid_json where they are not JSON in UTF-8. */
export function parseJson(bytes: Buffer): unknown {
  const refused = (detail: string) => new DomainError('invalid_json', { errors: [{ detail, pointer: '' }] })
  if (bytes.length === 0) throw refused('has no body')
  if (!isUtf8(bytes)) throw refused('has a body that is not UTF-8')
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch (error) {
    throw refused(`has a body that is not JSON: ${(error as SyntaxError).message}`)
  }
}
