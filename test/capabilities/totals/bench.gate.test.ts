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
  // In so short a time, the system's clock may see no CPU time at all, so any ratio is right.
  const rows = stdout.matchAll(/^\| ([^|]+) \| (?:< )?[\d.,]+ µs, (?:< )?[\d.,]+ µs: \S+ × \|$/gm)
  expect([...rows].map(([, question]) => question)).toEqual([
    'page 1 with its total',
    'the summary',
    'the trend of 12 months',
  ])
})
