import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { scraped } from '../support/metrics'
import { promtoolSays, testWithPromtool } from '../support/promtool'
import { serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'

const server = serving(embeddedDatabase, { config: { METRICS_PORT: 0 } })
const read = (file: string): string => readFileSync(resolve(file), 'utf8')
const alerts = read('ops/prometheus/alerts.yml')
const operations = read('docs/operations/monitoring.md')

interface Panel {
  title: string
  targets?: { expr: string }[]
}

const { panels } = JSON.parse(read('ops/grafana/dashboards/benefit-sessions.json')) as { panels: Panel[] }
const shown = panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [title, expr] as const))
const raised = [...alerts.matchAll(/- alert: (\w+)\n\s+expr: (?:\|\n)?([\s\S]*?)\n\s+(?:for|labels):/g)].map(
  ([, name, expr]) => [String(name), String(expr)] as const,
)

/** Returns the metrics that a PromQL expression names, without functions, labels, keywords, strings and selectors. */
function metricsIn(expression: string): string[] {
  const bare = expression
    .replace(/"[^"]*"/g, '')
    .replace(/\{[^}]*\}|\[[^\]]*\]/g, '')
    .replace(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, '')
  return [...bare.matchAll(/[a-zA-Z_:][\w:]*\b(?!\s*\()/g)]
    .map(([name]) => name)
    .filter(name => !/^(?:and|or|unless|bool|offset|by|e9)$/.test(name))
}

/** Returns the names of the series in a scrape, and `up`, which Prometheus adds. */
function namesIn(text: string): Set<string> {
  const families = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type]) => [name, type] as const)
  const series = families.flatMap(([name, type]) =>
    type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  )
  return new Set([...series, 'up'])
}

test('the metrics of an expression are found', () => {
  expect(metricsIn('sum by (a) (rate(b_total{c="d"}[5m])) / on (e) group_left () f > 1e9 or time() - g')).toEqual([
    'b_total',
    'f',
    'g',
  ])
})

test('alerts and dashboard use existing metrics', async () => {
  const names = namesIn(await scraped(server))
  expect(raised.length).toBeGreaterThan(10)
  expect(shown.length).toBeGreaterThan(30)
  for (const [title, expression] of [...raised, ...shown]) {
    const asked = metricsIn(expression)
    expect([title, asked.length > 0]).toEqual([title, true])
    expect([title, asked.filter(name => !names.has(name))]).toEqual([title, []])
  }
})

testWithPromtool('Prometheus accepts the queries of the dashboard', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dashboard-'))
  const rules = shown.map(([, expression], n) => ({
    record: `shown_${n}`,
    expr: expression.replaceAll('$__rate_interval', '5m').replaceAll('$instance', '.*'),
  }))
  const file = join(folder, 'dashboard.yml')
  writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }))
  expect(promtoolSays(['check', 'rules', file])).toContain(`SUCCESS: ${shown.length} rules found`)
  rmSync(folder, { recursive: true })
})

testWithPromtool('Prometheus accepts the served metrics', async () => {
  const text = await scraped(server)
  // These names come from the Prometheus client.
  const own = text.replace(/^(?:# \w+ )?nodejs_(?:active|eventloop_utilization)_.*\n/gm, '')
  expect(promtoolSays(['check', 'metrics'], own)).toBe('')
})

/** Returns the first cells of the rows of a table, without quotes. */
const rowsUnder = (heading: string): string[] => {
  const [, section = ''] = operations.split(`\n## ${heading}\n`)
  const [table = ''] = section.split(/\n#/)
  return [...table.matchAll(/^\| `([^`]+)`/gm)].map(([, name]) => String(name))
}

test('the page for operators lists every metric, and no other', async () => {
  const families = [...(await scraped(server)).matchAll(/^# TYPE (benefit_sessions_\S+)/gm)].map(([, name]) => name)
  expect(
    rowsUnder('Metrics')
      .map(name => `benefit_sessions_${name}`)
      .sort(),
  ).toEqual(families.sort())
})

test('the page for operators explains every alert, and no other', () => {
  expect(
    rowsUnder('Alerts')
      .map(name => `BenefitSessions${name}`)
      .sort(),
  ).toEqual(raised.map(([name]) => name).sort())
})
