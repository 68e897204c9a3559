/**
 * Expects that a page stays out of caches, referrers and search engines, and that its policy allows only its own style.
 */
export function expectPrivatePage({ headers, text }: { headers: object; text: string }): void {
  expect(headers).toMatchObject({
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-robots-tag': 'noindex',
    'x-content-type-options': 'nosniff',
  })
  const policy = String((headers as Record<string, unknown>)['content-security-policy'])
  expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[\w+/=]{44}';/)
  expect(policy).not.toContain('unsafe')
  expect(text).not.toMatch(/<script|\son\w+=|\sstyle=|https?:|url\(|@import/i)
}
