import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promtoolSays, testWithPromtool } from '../support/promtool'

const rules = resolve('ops/prometheus/alerts.yml')
const names = [...readFileSync(rules, 'utf8').matchAll(/- alert: (\w+)/g)].map(([, name]) => String(name))

/**
 * Series of one instance by name and labels, with a value per minute of an hour:
 * https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/
 */
type Series = Record<string, string>

const requests = 'benefit_sessions_http_request_duration_seconds'
const operations = 'benefit_sessions_store_operation_duration_seconds_count'
const lag = 'benefit_sessions_feed_lag_seconds_bucket'

/** Series that raise each alert, and series that do not. */
const cases: Record<string, [raised: Series, calm: Series]> = {
  BenefitSessionsDown: [{ up: '0x60' }, { up: '1x60' }],
  BenefitSessionsNotReady: [{ benefit_sessions_ready: '0x60' }, { benefit_sessions_ready: '1x60' }],
  BenefitSessionsErrors: [
    { [`${requests}_count{status="200"}`]: '0+95x60', [`${requests}_count{status="503"}`]: '0+5x60' },
    { [`${requests}_count{status="200"}`]: '0+999x60', [`${requests}_count{status="503"}`]: '0+1x60' },
  ],
  BenefitSessionsSlow: [
    {
      [`${requests}_bucket{le="1"}`]: '0+98x60',
      [`${requests}_bucket{le="2.5"}`]: '0+100x60',
      [`${requests}_bucket{le="+Inf"}`]: '0+100x60',
    },
    { [`${requests}_bucket{le="0.5"}`]: '0+995x60', [`${requests}_bucket{le="+Inf"}`]: '0+1000x60' },
  ],
  BenefitSessionsEventLoopStalls: [
    { nodejs_eventloop_lag_max_seconds: '0.8x60' },
    { nodejs_eventloop_lag_max_seconds: '0.1x60' },
  ],
  BenefitSessionsWritesUnavailable: [
    { [`${operations}{operation="save",outcome="unavailable"}`]: '0+1x60' },
    {
      [`${operations}{operation="save",outcome="ok"}`]: '0+9x60',
      [`${operations}{operation="read",outcome="unavailable"}`]: '0+1x60',
    },
  ],
  BenefitSessionsStoreFailing: [
    { [`${operations}{operation="read",outcome="internal"}`]: '0+1x60' },
    {
      [`${operations}{operation="save",outcome="lost"}`]: '0+9x60',
      [`${operations}{operation="read",outcome="unavailable"}`]: '0x60',
    },
  ],
  BenefitSessionsRacesLost: [
    { benefit_sessions_races_lost_total: '0x30 1x30' },
    { benefit_sessions_races_lost_total: '5x60' },
  ],
  BenefitSessionsRetentionOnHold: [
    { benefit_sessions_retention_on_hold: '1x60' },
    { benefit_sessions_retention_on_hold: '0x60' },
  ],
  BenefitSessionsChangesPileUp: [
    { benefit_sessions_changes_under_way: '2000x60' },
    { benefit_sessions_changes_under_way: '200x60' },
  ],
  BenefitSessionsFeedBehind: [
    {
      [`${lag}{le="1"}`]: '0+50x60',
      [`${lag}{le="2.5"}`]: '0+100x60',
      [`${lag}{le="+Inf"}`]: '0+100x60',
    },
    { [`${lag}{le="0.05"}`]: '0+995x60', [`${lag}{le="+Inf"}`]: '0+1000x60' },
  ],
  BenefitSessionsFeedNotFollowed: [
    { benefit_sessions_feed_failures_total: '0+1x60' },
    { benefit_sessions_feed_failures_total: '3x60' },
  ],
  BenefitSessionsGaps: [
    {
      'benefit_sessions_feed_gaps_total{reason="expired"}': '0x30 4x30',
      benefit_sessions_feed_resets_total: '0x60',
    },
    {
      'benefit_sessions_feed_gaps_total{reason="unknown"}': '0+1x60',
      'benefit_sessions_feed_gaps_total{reason="expired"}': '0x60',
      benefit_sessions_feed_resets_total: '0x60',
    },
  ],
  BenefitSessionsSlowReaders: [
    {
      'benefit_sessions_websockets_closed_total{code="1013"}': '0+1x60',
      benefit_sessions_http_connections_cut_total: '0x60',
    },
    {
      'benefit_sessions_websockets_closed_total{code="client"}': '0+9x60',
      'benefit_sessions_websockets_closed_total{code="1013"}': '0x30 1x30',
      benefit_sessions_http_connections_cut_total: '0x60',
    },
  ],
  BenefitSessionsWebhooksLate: [
    { benefit_sessions_webhook_oldest_message_age_seconds: '0+300x60' },
    { benefit_sessions_webhook_oldest_message_age_seconds: '600x60' },
  ],
  BenefitSessionsWebhooksDisabled: [
    { 'benefit_sessions_webhook_endpoints{status="disabled"}': '1x60' },
    {
      'benefit_sessions_webhook_endpoints{status="disabled"}': '0x60',
      'benefit_sessions_webhook_endpoints{status="retrying"}': '1x60',
    },
  ],
  BenefitSessionsTotalsNotKept: [
    { 'benefit_sessions_totals_state{state="kept"}': '0x60' },
    { 'benefit_sessions_totals_state{state="kept"}': '1x60', 'benefit_sessions_totals_state{state="filling"}': '0x60' },
  ],
  BenefitSessionsDiskFull: [
    { benefit_sessions_data_free_bytes: '20e9-200e6x60' },
    { benefit_sessions_data_free_bytes: '20e9x60' },
  ],
  BenefitSessionsMemory: [{ process_resident_memory_bytes: '2e9x60' }, { process_resident_memory_bytes: '2e8x60' }],
}

/** Returns `name{label="value"}` with the job and the instance of a process. */
const ofOne = (series: string): string =>
  series.replace(
    /^(\w+)(?:\{(.*)\})?$/,
    (_, name, labels) => `${name}{${[...(labels ? [labels] : []), 'job="benefit-sessions"', 'instance="one"'].join()}}`,
  )

testWithPromtool('Prometheus accepts the rules', () => {
  expect(promtoolSays(['check', 'rules', rules])).toContain(`SUCCESS: ${names.length} rules found`)
})

test('each alert has a case', () => {
  expect(Object.keys(cases).sort()).toEqual([...names].sort())
})

testWithPromtool('each alert fires for its own case and for no other', () => {
  const folder = mkdtempSync(join(tmpdir(), 'alerts-'))
  const tests = Object.entries(cases).flatMap(([alert, [raised, calm]]) =>
    [raised, calm].map(series => ({
      interval: '1m',
      name: `${alert} ${series === raised ? 'raised' : 'calm'}`,
      input_series: Object.entries(series).map(([name, values]) => ({ series: ofOne(name), values })),
      promql_expr_test: [
        {
          expr: `count(ALERTS{alertname="${alert}", alertstate="firing"})`,
          eval_time: '40m',
          exp_samples: series === raised ? [{ labels: '{}', value: 1 }] : [],
        },
      ],
    })),
  )
  const file = join(folder, 'tests.yml')
  // JSON is valid YAML.
  writeFileSync(file, JSON.stringify({ rule_files: [rules], evaluation_interval: '1m', tests }))
  expect(promtoolSays(['test', 'rules', file])).toContain('SUCCESS')
  rmSync(folder, { recursive: true })
})
