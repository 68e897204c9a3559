/** Functions for operations that only REST offers: `import { exportCsv } from 'benefit-sessions-client/rest'` */
import { callsOf } from './calls.js'
import { checkNames } from './check-options.js'
import type { SessionsClient } from './client.js'
import { ConnectionError } from './errors.js'
import { camelCased, snakeCased } from './names.js'
import { filter, request } from './option-names.js'
import type { FilterOptions, RequestOptions } from './options.js'
import { answerOf, type Reading, readRest, restUrl } from './rest-requests.js'
import type { SessionFilter } from './schema.js'

/**
 * The caller, and the rights that its token grants. If the server requires no authentication, every caller has all
 * rights.
 */
export interface Caller {
  /**
   * Name that the server records as the author of the caller's changes, or null if there is no authentication or the
   * token contains no name.
   */
  by: string | null
  /** What the caller is allowed to do within its scope. Only callers with the right `administer` can erase a mentor. */
  may: 'read' | 'change' | 'administer'
  /** The only mentor whose sessions the caller can see, or null for all mentors. */
  mentorId: string | null
  /** The only organisation whose sessions the caller can see, or null for all organisations. */
  organisationId: string | null
  /** Time at which the token expires, or null if there is no authentication or the token does not expire. */
  expiresAt: string | null
  /** Role of the token, or null if there is no authentication. */
  role: 'admin' | 'coordinator' | 'mentor' | 'reader' | null
  /**
   * How many requests the server accepts from the caller's IP address: `requests` in `seconds`, and `remaining` more in
   * the current period. Null if the server has no limit.
   */
  rate: { requests: number; seconds: number; remaining: number } | null
}

/** Returns the caller, and the rights that its token grants. */
export async function getCaller(client: SessionsClient, options: RequestOptions = {}): Promise<Caller> {
  checkNames('getCaller', options, request)
  const { requests } = callsOf(client)
  const { signal, end } = requests.operations.begin(options.signal)
  const sending = {
    url: restUrl(requests, 'benefit-caller'),
    init: { headers: { Accept: 'application/json' } },
    isAbortable: true,
    async read(response: Response) {
      const { data, errors = [] } = await answerOf(response)
      return data ? { data: camelCased(await data.json()) as Caller } : { errors }
    },
  }
  return requests.run<Caller>(sending, { ...options, signal }).finally(end)
}

/**
 * Returns the sessions that match a filter as a CSV file in UTF-8, with one row per session. The CSV file is a
 * consistent snapshot. The server sends the file no faster than you read it. If the connection is lost, reading throws
 * ConnectionError, so that you never mistake a partial file for a complete one.
 */
export async function exportCsv(
  client: SessionsClient,
  options: FilterOptions = {},
): Promise<ReadableStream<Uint8Array>> {
  checkNames('exportCsv', options, filter)
  const { requests } = callsOf(client)
  const path = `benefit-calculator-sessions?${queryOf(options.filter ?? {})}`
  const reading = await readRest(requests, path, 'text/csv', options)
  return bodyOf(reading, requests.settings.connectionErrorMessage)
}

function queryOf({ months, state, ...others }: SessionFilter): URLSearchParams {
  const members = snakeCased({ ...others, ...months, state: state?.toLowerCase() }) as object
  return new URLSearchParams(Object.entries(members).filter(([, value]) => value != null))
}

/** Returns the body of a response as a stream, which fails with ConnectionError if the connection is lost. */
function bodyOf({ response, signal, end }: Reading, message: string | undefined): ReadableStream<Uint8Array> {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await reader.read()
        if (!done) return controller.enqueue(value)
        controller.close()
      } catch (error) {
        controller.error(signal.aborted ? signal.reason : new ConnectionError(message, { cause: error }))
      }
      end()
    },
    cancel(reason) {
      end()
      return reader.cancel(reason)
    },
  })
}
