import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

test('the benchmark of totals has a row for each question, with correct responses', async () => {
  const args = [
    'dist/bench/capabilities/totals/totals.js',
    '--sessions',
    '300',
    '--seconds',
    '0.1',
    '--store',
    'embedded',
  ]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  const rows = stdout.matchAll(/^\| ([^|]+) \| (?:< )?[\d.,]+ µs \|$/gm)
  expect([...rows].map(([, question]) => question)).toEqual([
    'page 1 with its total',
    'the summary',
    'the trend of 12 months',
  ])
})
