import { z } from 'zod'
import { faultSchema } from '../../domain/errors'
import { exampleOf, withExample } from '../../domain/example'
import { snapshotSchema } from '../../domain/session'
import { examples } from '../../rest/description/examples'

/** Maximum size of an import in bytes, of each of its lines in bytes, and the maximum number of its lines. */
export const importBytes = 16 * 1024 * 1024
export const lineBytes = 4 * 1024
export const importLines = 10_000

/**
 * Maximum number of concurrent imports, in total and of one principal. Without authentication, all clients are one
 * principal.
 */
export const importsAtOnce = 4
export const importsOfPrincipal = 1

/** Time limit of an import in ms, until its client has read the whole response. */
export const importMs = 290_000
/** Time in ms for which an import waits for more of its body. */
export const bodyWaitMs = 60_000

/**
 * Maximum number of an import's lines in progress. Enough for large write batches, but few enough that each batch takes
 * only milliseconds, so that other work gets its turn.
 */
export const linesAtOnce = 250

/**
 * Number of lines that begin between two checks of whether this turn of the event loop has time left. A line with
 * hundreds of faults takes more than a millisecond.
 */
export const linesAStep = 10

/** Maximum number of starts in one GraphQL operation. */
export const startsAtOnce = 100

/**
 * Maximum number of response bytes that wait for the client. Beyond it, the import waits. The outcomes of typical lines
 * must fit, because many clients read a response only after they have sent the whole request.
 */
export const responseBytes = 4 * 1024 * 1024

export const outcomeStatusSchema = z.enum(['created', 'repeated', 'refused'])
export type OutcomeStatus = z.infer<typeof outcomeStatusSchema>

const { session_id, result_id } = snapshotSchema.shape

export const outcomeSchema = z.strictObject({
  line: withExample(z.int().min(1), 1).describe('Number of the line in the body, from 1.'),
  status: withExample(outcomeStatusSchema, 'created').describe(
    '`created`, `repeated` or `refused`. With `repeated`, a session was started with the same content before, and nothing was written.',
  ),
  session_id: withExample(session_id.exactOptional(), exampleOf(session_id)).describe(
    'Id of the session. With the code `external_id_taken`, that of the session that has the `external_id`.',
  ),
  result_id: withExample(z.string().exactOptional(), String(exampleOf(result_id))),
  code: z.string().exactOptional().describe('Code of the error. Only if the line is refused.'),
  detail: z.string().exactOptional().describe('Message for people. Only if the line is refused.'),
  errors: z.array(faultSchema).exactOptional(),
})
export type Outcome = z.infer<typeof outcomeSchema>

/** The last line of a response. With `done: false`, the import ended before its body, and the line says why. */
export type LastLine = ({ done: true } & Record<OutcomeStatus, number>) | { done: false; code: string; detail: string }

export const lineExample = { ...examples.startCalculated, external_id: exampleOf(snapshotSchema.shape.external_id) }
