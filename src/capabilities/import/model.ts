import { z } from 'zod'
import { faultSchema } from '../../domain/errors'
import { exampleOf, withExample } from '../../domain/example'
import { snapshotSchema } from '../../domain/session'
import { examples } from '../../rest/description/examples'

/** Maximum sizes in bytes of an import and of a line, and maximum number of lines per import. */
export const importBytes = 16 * 1024 * 1024
export const lineBytes = 4 * 1024
export const importLines = 10_000

/** Maximum number of concurrent imports in total, per organisation and per principal. */
export const importsAtOnce = 4
export const importsOfOrganisation = 2
export const importsOfPrincipal = 1

/** Time limit for an import in ms, including the time until the client has read the whole response. */
export const importMs = 290_000
/** How long, in ms, an import waits for its client to send the next line, without the server's own time. */
export const lineWaitMs = 30_000

/**
 * Maximum number of lines that an import processes concurrently. The number is large enough for large write batches,
 * but so small that a batch takes only milliseconds and does not delay other requests.
 */
export const linesAtOnce = 250

/** Lines between two yields to the event loop: a line with hundreds of faults takes more than a millisecond. */
export const linesPerStep = 10

/** Maximum number of session starts in one GraphQL operation. */
export const startsAtOnce = 100

/**
 * Response bytes buffered for a client before the import waits. A typical import's outcomes must fit, because many
 * clients don't read the response until they have sent the whole request.
 */
export const responseBytes = 4 * 1024 * 1024

/**
 * Maximum number of characters in the faults of a refused line. The number is larger than the faults of all known members
 * need. A line with hundreds of unknown members would otherwise have an outcome ten times as long as the line.
 */
export const faultCharacters = 1_500

export const outcomeStatusSchema = z.enum(['created', 'repeated', 'refused'])
export type OutcomeStatus = z.infer<typeof outcomeStatusSchema>

const { session_id, result_id } = snapshotSchema.shape

export const outcomeSchema = z.strictObject({
  line: withExample(z.int().min(1), 1).describe('Line number in the request body, starting at 1.'),
  status: withExample(outcomeStatusSchema, 'created').describe(
    '`created`, `repeated` or `refused`. `repeated` means that a session was started with the same content and `external_id` before. Nothing was written.',
  ),
  session_id: withExample(session_id.exactOptional(), exampleOf(session_id)).describe(
    'Id of the session. With the code `external_id_taken`, the id of the session that already has the `external_id`.',
  ),
  result_id: withExample(z.string().exactOptional(), String(exampleOf(result_id))),
  code: z.string().exactOptional().describe('Error code. Present only if the line is refused.'),
  detail: z.string().exactOptional().describe('Human-readable error message. Present only if the line is refused.'),
  errors: z
    .array(faultSchema)
    .exactOptional()
    .describe(
      'Errors of the line. If the line has dozens of errors, only the first ones and the number of the others.',
    ),
})
export type Outcome = z.infer<typeof outcomeSchema>

/**
 * `done: false` means that the import stopped before the end of the request body. The line then contains the reason.
 */
export type LastLine = ({ done: true } & Record<OutcomeStatus, number>) | { done: false; code: string; detail: string }

export const lineExample = { ...examples.startCalculated, external_id: exampleOf(snapshotSchema.shape.external_id) }
