// docs/clients.md as what it tells to do: its sections by their titles, and the versions of its table.
import { readFileSync } from 'node:fs'

const text = readFileSync('docs/clients.md', 'utf8')

/** The blocks of code of a part of the page, by their language. */
const blocksOf = part =>
  Object.fromEntries([...part.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language, code]) => [language, code]))

const [intro, ...parts] = text.split(/^## /m)

/** What stands before the sections. */
export const shared = blocksOf(intro)

export const sections = Object.fromEntries(parts.map(part => [part.split('\n', 1)[0], blocksOf(part)]))

/** The version that the table states of each section's tool, or the versions where it is run with several. */
export const versions = Object.fromEntries(
  [...intro.matchAll(/^\| \[([^\]]+)\]\([^)]+\) \|[^|]+\| ([^|]+) \|/gm)].map(([, title, version]) => [title, version]),
)
