import { request } from 'node:http'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { dashboardPolicy } from '../../src/http/static-assets'
import { expectDashboard } from '../support/dashboard-page'
import { send } from '../support/raw'
import { serving } from '../support/server'
import { keyFile } from '../support/service-keys'
import { embeddedDatabase } from '../support/stores'

const server = serving(embeddedDatabase)
const html = { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
const get = (path: string, headers: Record<string, string> = html) => send(server.url, 'GET', path, headers)

async function assets(): Promise<string[]> {
  const { text } = await get('/')
  return [...text.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path = '']) => path)
}

test.each(['/', '/?state=loaded', '/sessions/session_1', '/sessions/a%20b?mentor=m'])(
  'a browser that accepts %s gets the page, with a strict policy and revalidation',
  async path => {
    expectDashboard(await get(path))
  },
)

test.each(['/sessions/session_1', '/shared'])(
  'a client that accepts anything gets the page at %s, as link previews do',
  async path => {
    for (const headers of [{}, { Accept: '*/*' }]) {
      const { status, headers: told, text } = await get(path, headers)
      expect([status, told['content-type']]).toEqual([200, 'text/html; charset=utf-8'])
      expect(text).toMatch(/<title>[^<]+<\/title>/)
      expect(text).toMatch(/<meta name="description" content="[^"]+"/)
    }
  },
)

test('the policy allows only content from this server', () => {
  expect(dashboardPolicy()).not.toMatch(/unsafe|https?:|\*|data:/)
  for (const directive of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'"]) {
    expect(dashboardPolicy().split('; ')).toContain(directive)
  }
})

test('the page has no inline script or style, and no reference to another host', async () => {
  const { text } = await get('/')
  expect(text).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|https?:\/\//i)
})

test('its files have content hashes in their names, and are immutable', async () => {
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

test('the first load is less than 100 kB compressed', async () => {
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
] as const)('the %s encoding has the same content', async (encoding, decoded) => {
  const [path = ''] = await assets()
  const plain = await bytes(path, {})
  const packed = await bytes(path, { 'Accept-Encoding': encoding })
  expect(packed.headers.get('content-encoding')).toBe(encoding)
  expect(decoded(packed.body)).toEqual(plain.body)
  expect(packed.headers.get('etag')).not.toBe(plain.headers.get('etag'))
})

/** Returns the encoded body, which fetch would decode. */
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

test('a refused encoding is not used', async () => {
  const { headers } = await get('/', { ...html, 'Accept-Encoding': 'br;q=0, gzip;q=0' })
  expect(headers['content-encoding']).toBeUndefined()
})

test('a cached page is 304', async () => {
  const { headers } = await get('/')
  const again = await get('/', { ...html, 'If-None-Match': `"other", W/${headers.etag}` })
  expect(again).toMatchObject({ status: 304, text: '' })
})

test("the page is served even if the client's If-None-Match is malformed", async () => {
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
])('%s with Accept %s is not a page of the dashboard: %d', async (path, Accept, expected) => {
  const { status, text } = await get(path, { Accept })
  expect(status).toBe(expected)
  expect(text).not.toContain('<script')
})

describe('with sign-in', () => {
  const signIn = {
    AUTH_ISSUER: 'https://issuer.example/realms/"a"&b',
    AUTH_AUDIENCE: 'sessions',
    AUTH_CLIENT_ID: 'page',
    AUTH_PARAMETERS: 'scope=openid&audience=https://a.example',
  }
  const asking = serving(embeddedDatabase, { config: signIn })
  const clientless = serving(embeddedDatabase, { config: { ...signIn, AUTH_CLIENT_ID: undefined } })
  const keys = keyFile()
  const withKeys = serving(embeddedDatabase, { config: keys.config })
  const withBoth = serving(embeddedDatabase, { config: { ...signIn, ...keys.config } })
  const told = async ({ url }: typeof server, path = '/') => {
    const { headers, text } = await send(url, 'GET', path, html)
    const meta = /<meta name="sign-in" content="([^"]*)"/.exec(text)?.[1] ?? ''
    const said = meta && JSON.parse(meta.replaceAll('&quot;', '"').replaceAll('&amp;', '&'))
    return { policy: headers['content-security-policy'], said }
  }

  test('the page gets the issuer and the client id, and its policy allows that origin only', async () => {
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

  test('without a client id the page gets the issuer only, and its policy allows no other origin', async () => {
    const { policy, said } = await told(clientless)
    expect(said).toMatchObject({ issuer: signIn.AUTH_ISSUER, parameters: { scope: 'openid' } })
    expect(said).not.toHaveProperty('client_id')
    expect(policy).toBe(dashboardPolicy())
  })

  test('with service keys alone, the page asks for one, and its policy allows no other origin', async () => {
    expect(await told(withKeys)).toEqual({ policy: dashboardPolicy(), said: { key: true } })
  })

  test('with service keys and an issuer, the page uses the issuer', async () => {
    expect((await told(withBoth)).said).toMatchObject({ issuer: signIn.AUTH_ISSUER, client_id: 'page' })
    expect((await told(withBoth)).said).not.toHaveProperty('key')
  })

  test('the page of a server without sign-in gets nothing', async () => {
    expect(await told(server)).toEqual({ policy: dashboardPolicy(), said: '' })
  })
})
