import { source as axe } from 'axe-core'
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { describeBrowser } from './chromium'

/** Timeout of page actions, in ms. A busy machine may need half of it. */
const hungMs = 45_000

export function describePages(title: string, body: (pages: Pages) => void): void {
  describeBrowser(title, () => {
    const pages = new Pages()
    beforeAll(() => pages.open())
    afterEach(() => pages.settle())
    afterAll(() => pages.close())
    body(pages)
  })
}

export const schemes = ['light', 'dark'] as const

// The browser itself logs failed requests, while the server is down or for a missing page. They are not faults of the
// page.
const ofTheBrowser = [
  /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_SOCKET_NOT_CONNECTED|WebSocket connection to/,
  /Failed to load resource: the server responded with a status of (401|403|404|410)/,
]

/**
 * The pages of a suite. Each test's pages are closed after it. A page must neither log an error or a warning, nor send
 * a request to another host.
 */
export class Pages {
  #browser: Browser | undefined
  #complaints: string[] = []

  /** Connects to the browser of the run (setup.ts). Its contexts belong to this suite only. */
  async open(): Promise<void> {
    this.#browser = await chromium.connect(String(process.env.TEST_BROWSER))
  }

  async close(): Promise<void> {
    await this.#browser?.close()
  }

  /**
   * Opens a page in a separate context, like a separate user. The page may also send requests to `issuer`. The issuer's
   * own pages are not checked.
   */
  async page(url: string, options: BrowserContextOptions = {}, issuer = url): Promise<Page> {
    const context = await (this.#browser as Browser).newContext({ locale: 'en-GB', ...options })
    context.setDefaultTimeout(hungMs)
    return this.tab(context, url, issuer)
  }

  async tab(context: BrowserContext, url: string, issuer = url): Promise<Page> {
    const hosts = [url, issuer].map(url => new URL(url).host)
    const isOfIssuer = (of: string): boolean => issuer !== url && of.startsWith(`${issuer}/`)
    const page = await context.newPage()
    const complain = (text: string): void => void this.#complaints.push(text)
    const asked = (of: string): void => void (hosts.includes(new URL(of).host) || complain(`asked ${of}`))
    page.on('pageerror', error => complain(`page error: ${error.message}`))
    page.on('console', message => {
      const told = /^(error|warning)$/.test(message.type()) && !ofTheBrowser.some(known => known.test(message.text()))
      if (told && !isOfIssuer(page.url())) complain(`console ${message.type()}: ${message.text()}`)
    })
    page.on('request', request => isOfIssuer(request.frame().url()) || asked(request.url()))
    page.on('websocket', socket => asked(socket.url()))
    await page.goto(url)
    return page
  }

  /** Returns the complaints so far, and clears them. */
  complaints(): string[] {
    return this.#complaints.splice(0)
  }

  async settle(): Promise<void> {
    await Promise.all((this.#browser as Browser).contexts().map(context => context.close()))
    expect(this.complaints()).toEqual([])
  }
}

interface Violation {
  id: string
  help: string
  nodes: { html: string; failureSummary?: string }[]
}

/**
 * Waits until the page shows what it requested, because it greys the previous figures until then. Returns axe-core's
 * findings as sentences, by all rules or only by colour contrast.
 */
export async function violations(page: Page, rules: 'all' | 'colours' = 'all'): Promise<string[]> {
  await page.locator('[aria-busy="true"]').first().waitFor({ state: 'detached' })
  if (!(await page.evaluate("'axe' in window"))) await page.evaluate(axe)
  const options = {
    resultTypes: ['violations'],
    ...(rules === 'all' ? { rules: { 'target-size': { enabled: true } } } : { runOnly: ['color-contrast'] }),
  }
  const { violations } = (await page.evaluate(`axe.run(${JSON.stringify(options)})`)) as { violations: Violation[] }
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${help}: ${html} ${failureSummary ?? ''}`),
  )
}
