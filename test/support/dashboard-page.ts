import { dashboardPolicy } from '../../src/http/static-assets'
import type { RawAnswer } from './raw'

/** Checks that a response is the dashboard's page, with a strict policy and revalidation. */
export function expectDashboard({ status, headers, text }: RawAnswer): void {
  expect(status).toBe(200)
  expect(headers).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-cache',
    'content-security-policy': dashboardPolicy(),
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    vary: expect.stringContaining('Accept, Accept-Encoding'),
  })
  expect(text).toContain('<div id="app">')
}
