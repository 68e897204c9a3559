import { request } from 'node:http'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { dashboardPolicy } from '../../src/http/policies'
import { send } from '../support/raw'
import { serving } from '../support/server'
import { embeddedPlace } from '../support/stores'

const server = serving(embeddedPlace)
const html = { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
const get = (path: string, headers: Record<string, string> = html) => send(server.url, 'GET', path, headers)

async function assets(): Promise<string[]> {
  const { text } = await get('/')
  return [...text.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path = '']) => path)
}

test.each(['/', '/?state=loaded', '/sessions/session_1', '/sessions/a%20b?mentor=m'])(
  'a browser that asks for %s gets the page, strictly guarded and asked for anew each time',
  async path => {
    const { status, headers, text } = await get(path)
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
  },
)

test.each(['/sessions/session_1', '/import'])(
  'who takes anything at %s gets the page, as a preview of a link does',
  async path => {
    for (const headers of [{}, { Accept: '*/*' }]) {
      const { status, headers: told, text } = await get(path, headers)
      expect([status, told['content-type']]).toEqual([200, 'text/html; charset=utf-8'])
      expect(text).toMatch(/<title>[^<]+<\/title>/)
      expect(text).toMatch(/<meta name="description" content="[^"]+"/)
    }
  },
)

test('the policy lets nothing in but what this server serves', () => {
  expect(dashboardPolicy()).not.toMatch(/unsafe|https?:|\*|data:/)
  for (const directive of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'"]) {
    expect(dashboardPolicy().split('; ')).toContain(directive)
  }
})

test('the page has no script and no style within it, and names nothing of another host', async () => {
  const { text } = await get('/')
  expect(text).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|https?:\/\//i)
})

test('its files have their content in their names, and may be kept for ever', async () => {
  const paths = await assets()
  expect(paths.length).toBeGreaterThanOrEqual(3)
  for (const path of paths) {
    expect(path).toMatch(/^\/assets\/[\w-]+-[\w-]{8}\.(js|css|svg)$/)
    const { status, headers } = await get(path, {})
    expect(status).toBe(200)
    expect(headers).toMatchObject({
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
    })
    expect(headers['content-type']).toMatch(/^(text\/(javascript|css); charset=utf-8|image\/svg\+xml)$/)
  }
})

test('what is loaded at first is less than 100 kB compressed', async () => {
  let size = 0
  for (const path of ['/', ...(await assets())]) {
    const { headers } = await get(path, { ...html, 'Accept-Encoding': 'gzip' })
    expect(headers['content-encoding']).toBe('gzip')
    size += Number(headers['content-length'])
  }
  expect(size).toBeGreaterThan(10_000)
  expect(size).toBeLessThan(100_000)
})

test.each([
  ['gzip', gunzipSync],
  ['br', brotliDecompressSync],
] as const)('what is sent as %s says the same as what is sent plain', async (encoding, decoded) => {
  const [path = ''] = await assets()
  const plain = await bytes(path, {})
  const packed = await bytes(path, { 'Accept-Encoding': encoding })
  expect(packed.headers.get('content-encoding')).toBe(encoding)
  expect(decoded(packed.body)).toEqual(plain.body)
  expect(packed.headers.get('etag')).not.toBe(plain.headers.get('etag'))
})

/** The body as it is sent: fetch would decode it. */
function bytes(path: string, headers: Record<string, string>): Promise<{ headers: Headers; body: Buffer }> {
  return new Promise((resolve, reject) => {
    const asked = request(`${server.url}${path}`, { headers }, response => {
      const chunks: Buffer[] = []
      response.on('data', chunk => chunks.push(chunk))
      response.on('end', () =>
        resolve({ headers: new Headers(response.headers as Record<string, string>), body: Buffer.concat(chunks) }),
      )
    })
    asked.on('error', reject).end()
  })
}

test('an encoding that is refused is not sent', async () => {
  const { headers } = await get('/', { ...html, 'Accept-Encoding': 'br;q=0, gzip;q=0' })
  expect(headers['content-encoding']).toBeUndefined()
})

test('a page that is known is not sent again', async () => {
  const { headers } = await get('/')
  const again = await get('/', { ...html, 'If-None-Match': `"other", W/${headers.etag}` })
  expect(again).toMatchObject({ status: 304, text: '' })
})

test('a page is sent whatever is malformed in what its client says to know', async () => {
  const { headers } = await get('/')
  for (const malformed of [headers.etag?.slice(1), `w/${headers.etag}`, `${headers.etag} ${headers.etag}`]) {
    expect((await get('/', { ...html, 'If-None-Match': String(malformed) })).status).toBe(200)
  }
})

test('HEAD has the headers of GET and no body', async () => {
  const path = (await assets())[0] ?? ''
  for (const at of ['/', path]) {
    const full = await send(server.url, 'GET', at, { ...html, 'X-Request-Id': 'same' })
    const head = await send(server.url, 'HEAD', at, { ...html, 'X-Request-Id': 'same' })
    expect(head.text).toBe('')
    expect({ ...head.headers, date: '' }).toEqual({ ...full.headers, date: '' })
  }
})

test.each([
  ['/', 'application/json', 200],
  ['/', '*/*', 200],
  ['/sessions/x', 'application/json', 404],
  ['/assets/none.js', '*/*', 404],
  ['/assets/../index.html', '*/*', 404],
  ['/index.html', 'text/html', 404],
  ['/sessions/', 'text/html', 404],
  ['/sessions/a/b', 'text/html', 404],
])('%s asked for as %s is none of the dashboard’s: %d', async (path, Accept, expected) => {
  const { status, text } = await get(path, { Accept })
  expect(status).toBe(expected)
  expect(text).not.toContain('<script')
})

describe('where tokens are asked for', () => {
  const signIn = {
    AUTH_ISSUER: 'https://issuer.example/realms/"a"&b',
    AUTH_AUDIENCE: 'sessions',
    AUTH_CLIENT_ID: 'page',
    AUTH_PARAMETERS: 'scope=openid&audience=https://a.example',
  }
  const asking = serving(embeddedPlace, { config: signIn })
  const clientless = serving(embeddedPlace, { config: { ...signIn, AUTH_CLIENT_ID: undefined } })
  const told = async ({ url }: typeof server, path = '/') => {
    const { headers, text } = await send(url, 'GET', path, html)
    const meta = /<meta name="sign-in" content="([^"]*)"/.exec(text)?.[1] ?? ''
    const said = meta && JSON.parse(meta.replaceAll('&quot;', '"').replaceAll('&amp;', '&'))
    return { policy: headers['content-security-policy'], said }
  }

  test('the page is told with whom its users sign in, and may ask that origin and no other', async () => {
    for (const path of ['/', '/sign-in', '/sessions/a']) {
      const { policy, said } = await told(asking, path)
      expect(said).toEqual({
        issuer: signIn.AUTH_ISSUER,
        client_id: 'page',
        parameters: { scope: 'openid', audience: 'https://a.example' },
        takesIdToken: false,
      })
      expect(policy).toBe(dashboardPolicy('https://issuer.example'))
      expect(policy).toContain("connect-src 'self' https://issuer.example;")
    }
  })

  test('without a client it is told whose tokens are asked for, and asks nobody', async () => {
    const { policy, said } = await told(clientless)
    expect(said).toMatchObject({ issuer: signIn.AUTH_ISSUER, parameters: { scope: 'openid' } })
    expect(said).not.toHaveProperty('client_id')
    expect(policy).toBe(dashboardPolicy())
  })

  test('elsewhere it is told nothing', async () => {
    expect(await told(server)).toEqual({ policy: dashboardPolicy(), said: '' })
  })
})
