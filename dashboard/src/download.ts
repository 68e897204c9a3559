import { basePath } from './base-path'
import { currentToken } from './graphql/client'
import { connectionError, fetchRest } from './rest'
import type { Filter } from './route'
import { words } from './words'

/** Maximum size in bytes of a file that is downloaded with a token, because the page buffers it in memory. */
const maxBytes = 200_000_000

/**
 * Returns the CSV export path for the sessions that match a filter. If `ids` is not empty, the export contains only the
 * sessions with these ids.
 */
export function csvPath({ organisationId, mentorId, state, months }: Filter, ids: string[] = []): string {
  const query = new URLSearchParams({ format: 'csv' })
  if (organisationId) query.set('organisation_id', organisationId)
  if (mentorId) query.set('mentor_id', mentorId)
  if (state) query.set('state', state.toLowerCase())
  if (months?.from) query.set('from', months.from)
  if (months?.to) query.set('to', months.to)
  if (ids.length > 0) query.set('session_id', ids.join())
  return `/api/v1/benefit-calculator-sessions?${query}`
}

/**
 * Downloads a file from the server. If there is no token, the browser streams the file to disk. Throws ApiError,
 * ConnectionError, or, if the file is too large, Error.
 */
export async function download(path: string): Promise<void> {
  if ((await currentToken()) === undefined) return openLink(basePath + path, '')
  const response = await fetchRest(path)
  const [, name = 'calculations.csv'] =
    /filename="([^"]+)"/.exec(response.headers.get('Content-Disposition') ?? '') ?? []
  saveFile(await readContent(response), name)
}

export function saveFile(content: Blob, name: string): void {
  const url = URL.createObjectURL(content)
  openLink(url, name)
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}

async function readContent(response: Response): Promise<Blob> {
  const type = response.headers.get('Content-Type') ?? ''
  const reader = (response.body as ReadableStream<Uint8Array<ArrayBuffer>>).getReader()
  const parts: Blob[] = []
  for (let bytes = 0; ; ) {
    const { done, value } = await reader.read().catch(() => {
      throw connectionError()
    })
    if (done) return new Blob(parts, { type })
    bytes += value.byteLength
    if (bytes > maxBytes) {
      await reader.cancel()
      throw new Error(words.list.fileTooLarge)
    }
    parts.push(new Blob([value]))
  }
}

function openLink(href: string, download: string): void {
  const link = Object.assign(document.createElement('a'), { href, download })
  link.click()
}
