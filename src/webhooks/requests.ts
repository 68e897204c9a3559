import { z } from 'zod'
import { feedCursorSchema } from '../domain/list-query'
import { transitionEvents, transitionSchema } from '../domain/session'
import { identifierSchema, textSchema } from '../domain/text'
import { isPublic, literalAddress } from './addresses'

/** Maximum number of characters of a URL, and of a description. */
export const urlCharacters = 2_048
export const descriptionCharacters = 200

/** Returns what is wrong with the URL of an endpoint, or undefined. */
function urlFault(text: string, allowsPrivate: boolean): string | undefined {
  if (text.length > urlCharacters) return `must have at most ${urlCharacters} characters`
  const url = URL.parse(text)
  const isHttp = url?.protocol === 'https:' || (allowsPrivate && url?.protocol === 'http:')
  if (!url || !isHttp) return 'must be an https URL'
  if (url.username !== '' || url.password !== '') return 'must not contain a user name or password'
  if (text.includes('#')) return 'must not have a fragment'
  const address = literalAddress(url)
  if (address !== undefined && !allowsPrivate && !isPublic(address))
    return 'must not have a private or reserved address'
  return undefined
}

/** Returns the schemas of requests. With `allowsPrivate`, URLs may have `http:` and private addresses. */
export function requestSchemas(allowsPrivate: boolean) {
  const url = z
    .string()
    .superRefine((text, context) => {
      const message = urlFault(text, allowsPrivate)
      if (message !== undefined) context.addIssue({ code: 'custom', message })
    })
    .meta({ format: 'uri', maxLength: urlCharacters })
  const description = textSchema(descriptionCharacters).nullish().describe('What the endpoint is for.')
  const events = z
    .array(transitionSchema.shape.event)
    .max(transitionEvents.length)
    .nullish()
    .describe('Events that it receives. Left out or empty: all.')
  return {
    create: z.strictObject({
      url,
      description,
      events,
      organisation_id: identifierSchema.nullish().describe('Only sessions of this organisation.'),
      mentor_id: identifierSchema.nullish().describe('Only sessions of this mentor.'),
    }),
    update: z.strictObject({
      url: url.nullish(),
      description,
      events,
      paused: z.boolean().nullish().describe('`false` also enables a disabled endpoint again.'),
    }),
  }
}

export const replaySchema = z.strictObject({
  after: feedCursorSchema.describe('Cursor of the feed. Everything after it is delivered again.'),
})
