import type { Page, Route } from 'playwright-core'
import type { Pages } from '../../support/pages'
import type { Reachable, Server } from '../../support/server'
import { path } from './importing'

export const head = [
  'Mentor',
  'Organisation',
  'Last day',
  'First day',
  'Number of sessions',
  'Minutes',
  'Cost',
  'Value per hour',
]
export const row = (mentor: string, ...more: string[]): string[] => {
  const plain = [mentor, 'import', '31/03/2026', '2026-01-01', '25', '30', '3.50', '30']
  return plain.map((cell, at) => more[at - 1] ?? cell)
}
export const some = (prefix: string, count: number): string[][] =>
  Array.from({ length: count }, (_, at) => row(`${prefix}-${at}`))

export async function opened(pages: Pages, { url }: Reachable, rows: string[][], options = {}): Promise<Page> {
  const page = await pages.page(url, options)
  await page.getByRole('link', { name: 'Import', exact: true }).click()
  await page.getByRole('heading', { name: 'Import from a spreadsheet' }).waitFor()
  await paste(page, rows)
  return page
}

export async function paste(page: Page, rows: string[][]): Promise<void> {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  const text = rows.map(cells => cells.join('\t')).join('\n')
  await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`)
  await page.keyboard.press('Control+V')
  await page.getByRole('table', { name: 'Rows' }).waitFor()
}

export const cell = (page: Page, column: string, id: number) => page.getByLabel(`${column}, row ${id}`, { exact: true })
export const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name })
export const faultOf = async (page: Page, column: string, id: number): Promise<string | null> =>
  page.locator(`[id="${await cell(page, column, id).getAttribute('aria-describedby')}"]`).textContent()
export const show = (page: Page, kind: string) => page.getByRole('radio', { name: kind })

// A busy browser may leave the page without the question.
export const asksBeforeItIsLeft = (page: Page) =>
  page.evaluate("!dispatchEvent(new Event('beforeunload', { cancelable: true }))")

/** Returns the stored mentors with this prefix, one entry per session, each with its results. */
export async function there({ sessions }: Pick<Server, 'sessions'>, mentor: string) {
  const all = await sessions.queries.list({}, { limit: 100, offset: 0 })
  const found = await Promise.all(
    all
      .filter(({ mentor_id }) => mentor_id.startsWith(mentor))
      .map(({ session_id }) => sessions.queries.get(session_id)),
  )
  return found.map(({ mentor_id, result }) => [mentor_id, result?.inputs.sessions ?? null] as const).sort()
}
export const wanted = (prefix: string, count: number) =>
  some(prefix, count)
    .map(([mentor]) => [mentor, 25] as const)
    .sort()

/**
 * Loses the responses to some requests, which the server executes, except the first `answers`. `count` says how many were
 * lost, and `end` ends it.
 */
export async function loseAnswers(
  page: Page,
  isLost: (route: Route) => boolean,
  answers = 0,
): Promise<{ count: number; end(): void }> {
  let loses = true
  const lost = {
    count: 0,
    end(): void {
      loses = false
    },
  }
  await page.route('**', async route => {
    if (!isLost(route) || !loses || answers-- > 0) return route.fallback()
    await route.fetch()
    lost.count++
  })
  return lost
}

export const isImport = (route: Route): boolean => route.request().url().endsWith(path)
export const isChange = (route: Route): boolean => /mutation/.test(route.request().postData() ?? '')
export const isComparison = (route: Route): boolean => /query Existing/.test(route.request().postData() ?? '')
