// Parses docs/clients.md into its sections, by title, and the versions and programs in its tables.
import { readFileSync } from 'node:fs'

const text = readFileSync('docs/clients.md', 'utf8')

/** Returns the code blocks of a part of the page, by language. */
const blocksOf = part =>
  Object.fromEntries([...part.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language, code]) => [language, code]))

const [intro, ...parts] = text.split(/^## /m)

/** Code blocks before the page's first section, by language. */
export const shared = blocksOf(intro)

export const sections = Object.fromEntries(parts.map(part => [part.split('\n', 1)[0], blocksOf(part)]))

/** Rows of the page's tables: the name and the link in the first cell, and the version. */
const rows = [...text.matchAll(/^\| \[([^\]]+)\]\(([^)]+)\) \|[^|]+\| ([^|]+) \|/gm)]

/** Versions by the name in a table row: one version, or all versions with which the program is checked. */
export const versions = Object.fromEntries(rows.map(([, name, , version]) => [name, version]))

/** Files of the programs that follow the feed, by the name in a table row. */
export const programs = Object.fromEntries(
  rows.flatMap(([, name, link]) => (link.startsWith('../examples/') ? [[name, link.slice('../'.length)]] : [])),
)
