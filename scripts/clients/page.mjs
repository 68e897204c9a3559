// Parses docs/clients.md: its sections by title, and the versions of its table.
import { readFileSync } from 'node:fs'

const text = readFileSync('docs/clients.md', 'utf8')

/** Returns the code blocks of a part of the page, by language. */
const blocksOf = part =>
  Object.fromEntries([...part.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language, code]) => [language, code]))

const [intro, ...parts] = text.split(/^## /m)

/** Code blocks before the first section. */
export const shared = blocksOf(intro)

export const sections = Object.fromEntries(parts.map(part => [part.split('\n', 1)[0], blocksOf(part)]))

/** Versions from the table, by section: one version, or the versions with which it runs. */
export const versions = Object.fromEntries(
  [...intro.matchAll(/^\| \[([^\]]+)\]\([^)]+\) \|[^|]+\| ([^|]+) \|/gm)].map(([, title, version]) => [title, version]),
)
