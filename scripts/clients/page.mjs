// Parses docs/how-to/clients.md into its sections, by title, and the versions and programs in its tables.
import { readFileSync } from 'node:fs'

const text = readFileSync('docs/how-to/clients.md', 'utf8')

/** Code blocks of each section, by the section's title and the block's language. */
export const sections = Object.fromEntries(
  text
    .split(/^##+ /m)
    .slice(1)
    .map(part => [
      part.split('\n', 1)[0],
      Object.fromEntries([...part.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language, code]) => [language, code])),
    ]),
)

/** Rows of the page's tables: the name in the first cell, the version, and the path of the example that the row links. */
const rows = [...text.matchAll(/^\| \[([^\]]+)\]\([^)]+\) \|[^|]+\| ([^|]+) \|.*$/gm)].map(([row, name, version]) => ({
  name,
  version,
  program: /\]\(\.\.\/\.\.\/(examples\/[^)]+)\)/.exec(row)?.[1],
}))

/** Versions by the name in a table row: one version, or all versions with which the program is checked. */
export const versions = Object.fromEntries(rows.map(({ name, version }) => [name, version]))

/** Paths of the example programs, by the name in a table row. */
export const programs = Object.fromEntries(rows.flatMap(({ name, program }) => (program ? [[name, program]] : [])))
