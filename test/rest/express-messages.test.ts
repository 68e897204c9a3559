import { createServer, IncomingMessage, type Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import express, { type Express, type RequestHandler, type Response } from 'express'
import { expressMessages } from '../../src/rest/routes'
import { head, send, sendRaw } from '../support/raw'
import { client } from '../support/rest'
import { serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'

/** Responds with everything that a handler sees of its request and response. */
const tell: RequestHandler = (request, response) => {
  const { query, params, body, originalUrl, baseUrl, path, url, method, ip, ips, protocol, secure, host, hostname } =
    request
  const { subdomains, fresh, stale, xhr } = request
  response.json({
    ...{ query, params, body, originalUrl, baseUrl, path, url, method, ip, ips, protocol, secure, host, hostname },
    ...{ subdomains, fresh, stale, xhr, locals: response.locals },
    fields: [request.get('X-One'), request.header('Referrer'), request.headers.accept],
    takes: [request.accepts('html', 'json'), request.acceptsEncodings(), request.acceptsCharsets()],
    languages: request.acceptsLanguages('de', 'en'),
    is: request.is('json'),
    range: request.range(1_000),
    mounted: request.app.mountpath,
    path_of: request.app.path(),
    circular: [request.res === response, response.req === request, response.app === request.app],
    isNodes: [request instanceof IncomingMessage, response instanceof ServerResponse],
  })
}

const answers: Record<string, (response: Response) => unknown> = {
  status: response => response.status(418).send('short and stout'),
  text: response => response.type('text').set('X-Two', 'a').append('X-Two', 'b').send('text'),
  bytes: response => response.send(Buffer.from('bytes')),
  fields: response =>
    response.vary('Origin').links({ next: '/2' }).location('/a b').cookie('c', 'd').clearCookie('e').end(),
  formats: response => response.format({ html: () => response.send('<p>'), json: () => response.json({}) }),
  redirect: response => response.redirect(303, '/told/1'),
  bare: response => response.sendStatus(204),
  jsonp: response => response.jsonp({ a: 1 }),
  file: response => response.attachment('a.json').sendFile('package.json', { root: process.cwd() }),
  page: response => response.render('page', { said: 'hello' }),
  failed: () => {
    throw new Error('thrown')
  },
  late: async () => {
    throw Object.assign(new Error('rejected'), { status: 409 })
  },
}

function application(): Express {
  const app = express()
  app.set('trust proxy', true)
  app.set('env', 'test')
  app.set(
    'view',
    class {
      path = 'page'
      render = (options: { said?: string }, done: (error: null, text: string) => void) =>
        done(null, `<p>${options.said}</p>`)
    },
  )
  app.use(express.json())
  app.all('/told/:id', tell)
  const mounted = express()
  mounted.all('/:id', tell)
  app.use('/mounted', mounted, (_request, response) => response.send('not mounted'))
  for (const [name, answer] of Object.entries(answers)) app.get(`/${name}`, (_request, response) => answer(response))
  return app
}

const servers: Server[] = []
afterAll(() => {
  for (const server of servers) server.close()
})

async function listening(server: Server): Promise<string> {
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

let usual: string
let ours: string
beforeAll(async () => {
  usual = await listening(createServer(application()))
  const app = application()
  ours = await listening(createServer(expressMessages(app), app))
})

test.each<[string, string, object, string?]>([
  [
    'GET',
    '/told/a%20b?x=1&x=2&y',
    { Host: 'a.b.example', Referer: 'r', 'X-One': '1', Accept: 'text/*;q=0.5, application/json' },
  ],
  [
    'GET',
    '/told/1',
    { 'X-Forwarded-For': '1.2.3.4, 5.6.7.8', 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'h.example' },
  ],
  [
    'GET',
    '/told/1',
    { 'X-Requested-With': 'XMLHttpRequest', Range: 'bytes=0-1', 'Accept-Language': 'en', 'Accept-Encoding': 'br' },
  ],
  ['POST', '/told/1', { 'Content-Type': 'application/json' }, '{"a":[1]}'],
  ['HEAD', '/told/1', {}],
  ['GET', '/mounted/1', {}],
  ['GET', '/mounted/1/2', {}],
  ['GET', '/nothing', {}],
  ['OPTIONS', '/status', {}],
  ...Object.keys(answers).map((name): [string, string, object] => ['GET', `/${name}`, {}]),
])('%s %s %j is answered as with the prototypes that Express sets', async (method, path, headers, body = '') => {
  const asked = [usual, ours].map(url => send(url, method, path, { Host: 'h', ...headers }, body))
  const [expected, answered] = await Promise.all(asked)
  for (const answer of [expected, answered]) delete answer?.headers.date
  expect(answered).toEqual(expected)
})

describe('on the server', () => {
  const server = serving(embeddedDatabase)
  const { get, ...make } = client(server)

  test('Express finds its prototypes already set, for every kind of request', async () => {
    const kept: boolean[] = []
    const { setPrototypeOf } = Object
    jest.spyOn(Object, 'setPrototypeOf').mockImplementation((object, prototype) => {
      const isMessage = object instanceof IncomingMessage || object instanceof ServerResponse
      if (isMessage) kept.push(Object.getPrototypeOf(object) === prototype)
      return setPrototypeOf(object, prototype)
    })
    await get(await make.started())
    await get('/nothing')
    const upgrade = head('GET /healthz', 'Connection: Upgrade, close', 'Upgrade: h2c')
    expect(await sendRaw(server.url, upgrade)).toContain('{"status":"ok"}')
    expect(kept).toEqual(Array(8).fill(true))
  })
})
