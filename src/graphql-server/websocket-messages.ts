import { z } from 'zod'
import { isDeeper, maxNesting, withoutRounding } from '../http/json'
import { parametersSchema } from './documents'

/** Maximum characters of an operation's id. Each of its messages repeats it. */
const operationIdLength = 255
/** Maximum characters of a cursor. All cursors of the server are shorter. */
const cursorLength = 1_000

const payloadSchema = z.record(z.string(), z.unknown()).nullish()
const idSchema = z.string().min(1).max(operationIdLength)

const messageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal(['connection_init', 'ping', 'pong']), payload: payloadSchema }),
  z.object({
    type: z.literal('subscribe'),
    id: idSchema,
    payload: parametersSchema.extend({ extensions: payloadSchema }),
  }),
  z.object({ type: z.literal('complete'), id: idSchema }),
])

/** Where subscriptions resume, by operation id: a feed after a cursor, a session's transitions after a sequence. */
const resumeSchema = z.record(idSchema, z.union([z.string().min(1).max(cursorLength), z.int()]))

/**
 * Parses `resume` in the payload of `connection_init`. Undefined if it is invalid, or has more than `most` operations.
 */
export function resumptionsOf(
  { resume }: Record<string, unknown>,
  most: number,
): Map<string, string | number> | undefined {
  const { data } = resumeSchema.safeParse(resume ?? {})
  const found = Object.entries(data ?? {})
  return data && found.length <= most ? new Map(found) : undefined
}

/** Returns the header of a frame that holds a whole text message (RFC 6455 §5.2). */
export function headOf({ length }: string): string {
  if (length < 126) return String.fromCharCode(0x81, length)
  if (length < 65_536) return String.fromCharCode(0x81, 126, length >> 8, length & 255)
  return String.fromCharCode(
    0x81,
    127,
    0,
    0,
    0,
    0,
    length >> 24,
    (length >> 16) & 255,
    (length >> 8) & 255,
    length & 255,
  )
}

export function messageOf(text: string): z.infer<typeof messageSchema> | undefined {
  try {
    const message = messageSchema.parse(JSON.parse(withoutRounding(text)))
    return message.type !== 'complete' && isDeeper(message.payload, maxNesting) ? undefined : message
  } catch {
    return undefined
  }
}

export const nextOf = (id: string): string => `{"id":${JSON.stringify(id)},"type":"next","payload":`
export const messageEnd = '}'
