import { client } from './rest'
import type { Server } from './server'
import { feedPath } from './transports'
import { until } from './until'

export interface FeedItem {
  cursor: string
  session_id: string
  mentor_id: string
  event: string
}

export const page = async (server: Server, after: string, filter = '') => {
  const { status, text } = await client(server).get(`${feedPath}?after=${after}${filter}`)
  return { status, text, ...(JSON.parse(text) as { data: FeedItem[]; next: string; code?: string }) }
}

/** Returns the current cursor. */
export const nowOf = async (server: Server): Promise<string> =>
  JSON.parse((await client(server).get(feedPath)).text).next

/** Waits until the page after a cursor has this many items, and returns their cursors. */
export async function cursorsAfter(server: Server, after: string, count: number): Promise<string[]> {
  await until(async () => (await page(server, after)).data.length === count, 60_000, 'the items')
  return (await page(server, after)).data.map(({ cursor }) => cursor)
}
