import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { partsOf } from '../support/capability-parts'
import { base } from '../support/interfaces'
import { client } from '../support/rest'
import type { Reachable } from '../support/server'

/** Folder of the data that released versions wrote: one folder for each version, made by write.ts. */
export const folder = join('test', 'upgrade', 'versions')
export const versions = (): string[] => readdirSync(folder)

/** What a server showed of its data: bodies of responses, by path, as far as they do not depend on the time. */
export interface Written {
  views: Record<string, unknown>
  /** Tokens of share links. They expire later. */
  tokens: string[]
  /** The cursor before the first event, and the feed's items after it. */
  after: string
  items: unknown[]
}

export const readWritten = (version: string, store: string): Written =>
  JSON.parse(readFileSync(join(folder, version, `${store}.json`), 'utf8'))

const feedPath = '/api/v1/benefit-calculator-events'

/** What a capability adds to the comparison of old and present data. `read` returns the body at a path. */
export interface UpgradePart {
  /** Returns what the server shows of its sessions, as far as it does not depend on the time. */
  views(read: Read): Promise<Record<string, unknown>>
  /** Returns the number of sessions that these parameters select. */
  count(read: Read, parameters: string): Promise<number>
}
// biome-ignore lint/suspicious/noExplicitAny: each path has its own body
type Read = (path: string) => Promise<any>

export const upgradeParts = partsOf<UpgradePart>('upgrade')

export async function bodyOf(server: Reachable, path: string) {
  const { status, text } = await client(server).get(path)
  if (status !== 200) throw new Error(`${path} answered ${status} ${text}`)
  return JSON.parse(text)
}

/** Returns what a server shows of its sessions. */
export async function viewsOf(server: Reachable): Promise<Record<string, unknown>> {
  const list = await bodyOf(server, `${base}?limit=100`)
  const paths = list.data.flatMap(({ session_id }: { session_id: string }) =>
    ['', '/events?limit=1000', '/results'].map(part => `${base}/${session_id}${part}`),
  )
  const views: Record<string, unknown> = { list: list.data }
  for (const part of upgradeParts) Object.assign(views, await part.views(path => bodyOf(server, path)))
  for (const path of paths) views[path] = await bodyOf(server, path)
  return views
}

/** Returns the feed's items after a cursor, at most 1,000. */
export const itemsAfter = async (server: Reachable, after: string): Promise<unknown[]> =>
  (await bodyOf(server, `${feedPath}?after=${after}&limit=1000`)).data

export const cursorOf = async (server: Reachable): Promise<string> => (await bodyOf(server, feedPath)).next
