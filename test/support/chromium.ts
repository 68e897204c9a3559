import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, type BrowserServer, chromium, type LaunchOptions } from 'playwright-core'

// The headless shell draws no windows, so it opens a page in a quarter of the time.
const names = [
  'chromium-headless-shell',
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
]

/** Returns the path of a Chromium: the one in CHROMIUM, or one on the PATH. */
export function findChromium(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter)
  const candidates = folders.flatMap(folder => names.map(name => join(folder, name)))
  return process.env.CHROMIUM || candidates.find(isExecutable)
}

const launchOptions = (executablePath: string): LaunchOptions => ({
  executablePath,
  headless: true,
  args: [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
})

export const launch = (executablePath: string): Promise<Browser> => chromium.launch(launchOptions(executablePath))

/** Launches a browser that several processes can use at once. */
export const launchServer = (executablePath: string): Promise<BrowserServer> =>
  chromium.launchServer(launchOptions(executablePath))

/**
 * Describes a suite that needs a browser. Without a browser it is skipped, and the setup of the run has printed why.
 */
export const describeBrowser = (title: string, body: () => void): void =>
  (process.env.TEST_BROWSER ? describe : describe.skip)(title, body)

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
