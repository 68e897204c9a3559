import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { findChromium, launch } from '../test/support/chromium'
import { schemes } from '../test/support/pages'
import { views, wordsOf, worldOf } from '../test/support/views'

const folder = join(__dirname, '../../docs/screenshots')
const shown = [
  'empty',
  'list',
  'search',
  'selected',
  'delete-selected',
  'compare',
  'connection',
  'start',
  'import-rows',
  'import-existing',
  'import-undo',
  'report',
  'report-cumulative',
  'session-fresh',
  'session',
  'what-if',
  'stated',
  'yearly-costs',
  'faults',
  'conflict',
  'older',
  'reset',
  'links',
  'share',
  'shared',
]
const sizes = { wide: { width: 1_280, height: 860 }, phone: { width: 390, height: 844 } }
/** WebP quality in percent. At this value, text is still sharp. */
const quality = 60
const onPhone = ['list', 'session', 'shared']

/**
 * Saves a screenshot of each view in the light and the dark colour scheme, and of some views also at a phone's size.
 */
async function main(): Promise<void> {
  const executablePath = findChromium()
  if (!executablePath) throw new Error('Chromium not found: install it, or set CHROMIUM to its path.')
  mkdirSync(folder, { recursive: true })
  const world = await worldOf()
  const browser = await launch(executablePath)
  for (const colorScheme of schemes) {
    for (const { name, open, screenshot } of views.filter(view => view.screenshot || shown.includes(view.name))) {
      for (const [size, viewport] of Object.entries(sizes)) {
        if (size === 'phone' && !onPhone.includes(name)) continue
        const context = await browser.newContext({ colorScheme, viewport, locale: 'en-GB', reducedMotion: 'reduce' })
        const page = await open(
          world,
          async url => {
            const page = await context.newPage()
            await page.goto(url)
            return page
          },
          wordsOf('en-GB'),
        )
        await page.evaluate('document.fonts.ready')
        await page.waitForTimeout(400) // the plots are drawn one frame later
        const path = join(folder, `${name}${size === 'phone' ? '-phone' : ''}-${colorScheme}.webp`)
        const isWhole =
          screenshot === 'whole' || /^(compare|report|session|what-if|stated|faults|conflict|older|shared)/.test(name)
        writeFileSync(path, await picture(page, isWhole))
        await context.close()
      }
    }
  }
  await browser.close()
  await world.end()
}

/**
 * Captures the visible part of a page, or the whole page, as WebP. Uses the DevTools protocol, because Playwright can't
 * write WebP.
 */
async function picture(page: Page, isWhole: boolean): Promise<Buffer> {
  const devtools = await page.context().newCDPSession(page)
  const { cssContentSize } = await devtools.send('Page.getLayoutMetrics')
  const { data } = await devtools.send('Page.captureScreenshot', {
    format: 'webp',
    quality,
    ...(isWhole && { captureBeyondViewport: true, clip: { ...cssContentSize, scale: 1 } }),
  })
  return Buffer.from(data, 'base64')
}

main().catch((error: unknown) => {
  process.stderr.write(`${(error as Error).stack}\n`)
  process.exitCode = 1
})
