import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

// The shell opens a page in a quarter of the time: it has no windows to draw.
const names = [
  'chromium-headless-shell',
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
]

/** The path of a Chromium: the one that CHROMIUM names, or one on the PATH. */
export function findChromium(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter)
  const candidates = folders.flatMap(folder => names.map(name => join(folder, name)))
  return process.env.CHROMIUM || candidates.find(isExecutable)
}

/** The suites that need a browser: skipped where there is none, which is said, but never in CI. */
export function describeBrowser(title: string, body: (executablePath: string) => void): void {
  const found = findChromium()
  if (!found && process.env.CI) {
    throw new Error('The suites with a browser must run in CI: set CHROMIUM to the path of one')
  }
  if (!found) process.stderr.write('A suite with a browser is skipped: set CHROMIUM to the path of one\n')
  ;(found ? describe : describe.skip)(title, () => body(found ?? ''))
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
