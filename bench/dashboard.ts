import { parseArgs } from 'node:util'
import type { CDPSession, Page } from 'playwright-core'
import { findChromium, launch } from '../test/support/chromium'
import { until } from '../test/support/until'
import { type Filled, fill } from './filling'
import { onFile, started } from './measured'
import { machine, median, say } from './report'

// Measures what the dashboard costs in a browser: the JavaScript that is loaded first, the time from the script to the
// rows on a slow network, and the longest task of the page while the feed is busy. Fails if the promised budgets are
// exceeded, or if the page ends with data that differs from the server's.

const { values: stated } = parseArgs({
  options: {
    sessions: { type: 'string', default: '10000' },
    events: { type: 'string', default: '50' },
    seconds: { type: 'string', default: '10' },
    loads: { type: 'string', default: '5' },
  },
})
const [sessions, events, seconds, loads] = [stated.sessions, stated.events, stated.seconds, stated.loads].map(
  Number,
) as [number, number, number, number]

const budgets = { scriptBytes: 100_000, rowsMs: 500, taskMs: 50 }

/** Fast 3G (https://docs.webpagetest.org/scripting: 1.6 Mbps down, 768 kbps up, 150 ms round trip). */
const fast3G = { offline: false, latency: 150, downloadThroughput: 200_000, uploadThroughput: 96_000 }

/** Records when the first rows are on the page. */
const observing = `
  new MutationObserver((_, observer) => {
    if (!document.querySelector('.rows [data-id]')) return
    window.rowsAt = performance.now()
    observer.disconnect()
  }).observe(document, { childList: true, subtree: true })
`

interface Load {
  scriptBytes: number
  rowsMs: number
}

/** Loads the page with an empty cache. */
async function loaded(page: Page, devtools: CDPSession, url: string): Promise<Load> {
  await devtools.send('Network.clearBrowserCache')
  await page.goto(url)
  await page.locator('.rows [data-id]').first().waitFor()
  return page.evaluate(`(() => {
    const scripts = performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('.js'))
    return {
      scriptBytes: scripts.reduce((bytes, { encodedBodySize }) => bytes + encodedBodySize, 0),
      rowsMs: window.rowsAt - Math.max(...scripts.map(({ responseEnd }) => responseEnd)),
    }
  })()`)
}

interface TraceEvent {
  name: string
  ph: string
  pid: number
  tid: number
  tdur?: number
  args: { name?: string }
}

/** Returns the CPU time of each task of the page's main thread, in ms. Excludes the time of other processes. */
function tasksOf(trace: Buffer): number[] {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] }
  const main = traceEvents.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain')
  const isMain = ({ pid, tid }: TraceEvent): boolean => main.some(thread => thread.pid === pid && thread.tid === tid)
  const tasks = traceEvents.filter(event => event.name.endsWith('RunTask') && event.ph === 'X' && isMain(event))
  if (tasks.length === 0) throw new Error('the trace has no task of the page')
  return tasks.map(({ tdur = 0 }) => tdur / 1_000)
}

async function ask<T>(url: string, query: string, variables: object = {}): Promise<T> {
  const headers = { 'Content-Type': 'application/json' }
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ query, variables }),
  })
  const { data, errors } = (await response.json()) as { data: T; errors?: unknown }
  if (errors) throw new Error(JSON.stringify(errors))
  return data
}

const dispatch = 'mutation ($input: DispatchEventInput!) { dispatchEvent(input: $input) { transitions { sequence } } }'

let calculated = 0

/**
 * Dispatches calculations to one session after the other. Each makes two transitions. Returns the number of
 * transitions.
 */
async function drive(url: string, filled: Filled[]): Promise<number> {
  const begin = performance.now()
  const under: Promise<number>[] = []
  for (let n = 0; performance.now() - begin < seconds * 1_000; n++) {
    await new Promise(resolve => setTimeout(resolve, begin + (n * 2_000) / events - performance.now()))
    const { session_id: sessionId } = filled[(n * 7_919) % filled.length] as Filled
    const payload = { sessions: 1_000 + calculated++, avgMinutes: 30, costPerSession: 3.5, costPerHour: 30 }
    const input = { sessionId, event: 'CALCULATE_REQUESTED', payload }
    const asked = ask<{ dispatchEvent: { transitions: unknown[] } }>(url, dispatch, { input })
    under.push(asked.then(({ dispatchEvent }) => dispatchEvent.transitions.length))
  }
  return (await Promise.all(under)).reduce((sum, count) => sum + count, 0)
}

const listed = `query ($orderBy: SessionOrder) { summary { sessions } sessions(first: 10, orderBy: $orderBy) { nodes { id } } }`

/** Waits until the page shows the server's list. */
async function checked(page: Page, url: string, orderBy: object): Promise<void> {
  const { summary, sessions } = await ask<{ summary: { sessions: number }; sessions: { nodes: { id: string }[] } }>(
    url,
    listed,
    { orderBy },
  )
  const expected = JSON.stringify([summary.sessions + 1, ...sessions.nodes.map(({ id }) => id)])
  let found = ''
  const same = async (): Promise<boolean> => {
    found = JSON.stringify(
      await page.evaluate(`[
        Number(document.querySelector('[role="grid"]').ariaRowCount),
        ...Array.from({ length: 10 }, (_, i) => document.querySelector('[aria-rowindex="' + (i + 2) + '"]')?.dataset.id),
      ]`),
    )
    return found === expected
  }
  await until(same, 10_000, () => `the page to show ${expected}: it shows ${found}`)
}

async function main(): Promise<void> {
  const executablePath = findChromium()
  if (!executablePath) throw new Error('No Chromium was found: install one, or name it in CHROMIUM.')
  const measured = await onFile()
  const store = await measured.open()
  const filled = await fill(store, sessions)
  await store.end()
  const server = await started(measured)
  const url = `http://127.0.0.1:${server.port}`
  const browser = await launch(executablePath)
  const over: string[] = []
  const held = (what: string, value: number, budget: number, unit: string): void => {
    say(`| ${what} | ${Math.round(value).toLocaleString('en')} ${unit} | ${budget.toLocaleString('en')} ${unit} |`)
    if (value > budget) over.push(what)
  }
  try {
    const page = await browser.newPage({ viewport: { width: 1_280, height: 900 } })
    await page.addInitScript(observing)
    const devtools = await page.context().newCDPSession(page)
    await devtools.send('Network.enable')
    await devtools.send('Network.emulateNetworkConditions', fast3G)
    const found: Load[] = []
    for (let n = 0; n < loads; n++) found.push(await loaded(page, devtools, url))
    await devtools.send('Network.emulateNetworkConditions', {
      ...fast3G,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput: -1,
    })

    say(`\n${sessions.toLocaleString('en')} sessions, ${events} events a second for ${seconds} s; ${machine()}\n`)
    say('| | measured | at most |')
    say('| --- | ---: | ---: |')
    held(
      'JavaScript of the first load',
      Math.max(...found.map(({ scriptBytes }) => scriptBytes)),
      budgets.scriptBytes,
      'bytes',
    )
    held(
      'from the script to the rows, on fast 3G, median',
      median(found.map(({ rowsMs }) => rowsMs)),
      budgets.rowsMs,
      'ms',
    )

    for (const [name, path, orderBy] of [
      ['newest first', '/', { by: 'CREATED' }],
      ['in the order of the latest change', '/?sort=-updated', { by: 'UPDATED' }],
    ] as const) {
      await page.goto(url + path)
      await checked(page, url, orderBy)
      await browser.startTracing(page, { categories: ['toplevel', 'blink'] })
      const driven = drive(url, filled)
      // Meanwhile, scroll the page down and up again.
      for (let n = 0; n < 20; n++) {
        await page.mouse.wheel(0, n < 10 ? 600 : -600)
        await new Promise(resolve => setTimeout(resolve, (seconds * 1_000) / 25))
      }
      const told = await driven
      const tasks = tasksOf(await browser.stopTracing())
      await page.evaluate('scrollTo(0, 0)')
      await checked(page, url, orderBy)
      if (told < events * seconds * 0.8) throw new Error(`no more than ${told} events were made`)
      held(`longest task, ${name}, ${told} events`, Math.max(...tasks), budgets.taskMs, 'ms')
    }
  } finally {
    await browser.close()
    await server.stop()
    await measured.end()
  }
  if (over.length > 0) throw new Error(`more than is promised: ${over.join('; ')}`)
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))
main().catch(error => {
  process.stderr.write(`${error.stack}\n`)
  process.exit(1)
})
