import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'

/** What every capability may use: the core, and the machinery. No capability uses another, except for `capabilitiesUsed`. */
const capabilityRoom: Room = {
  may: [
    'domain',
    'concurrency',
    'db',
    'sessions',
    'feed',
    'access',
    'http',
    'rest',
    'resolvers',
    'variables',
    'subcommand',
    'tool',
    'use-cases',
  ],
  uses: ['node:', 'zod', 'graphql', 'type-graphql'],
  types: ['capability', 'telemetry', 'pino', 'mongodb', 'better-sqlite3', 'express'],
}
/** Packages and other capabilities that a capability uses. */
const capabilitiesUsed: Record<string, string[]> = {
  assistants: ['@modelcontextprotocol/'],
  import: ['csv-parse'],
  keys: ['startup/config'],
  webhooks: ['standardwebhooks'],
  reports: ['capabilities/totals'],
  search: ['capabilities/totals'],
}
/** The dashboard loads the paths of its views, so these import nothing. */
const capabilityRooms = (): Record<string, Room> =>
  Object.fromEntries(
    foldersIn('src/capabilities').flatMap((name): [string, Room][] => [
      [`capabilities/${name}/pages`, {}],
      [
        `capabilities/${name}`,
        {
          ...capabilityRoom,
          may: [...(capabilityRoom.may ?? []), ...(capabilitiesUsed[name] ?? [])],
          uses: [...(capabilityRoom.uses ?? []), ...(capabilitiesUsed[name] ?? [])],
        },
      ],
    ]),
  )

const root = join(__dirname, '../..')

const foldersIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(({ name }) => name)

/** The rooms of the server. A room may import its own files, the rooms in `may`, and the packages in `uses`. */
const rooms: Record<string, Room> = {
  domain: { uses: ['decimal.js', 'zod'] },
  concurrency: { may: ['domain'], types: ['pino'] },
  'db/store': { may: ['domain'] },
  'db/signature': { uses: ['node:'], types: ['db/store'] },
  'db/mentor-digest': { uses: ['node:'], types: ['db/store'] },
  'db/sorted-page': { may: ['domain'], types: ['db/store'] },
  'db/upcasting': { may: ['domain'], types: ['zod'] },
  'db/connect-with-retry': { may: ['domain', 'concurrency/waits'], uses: ['node:'], types: ['pino'] },
  'db/embedded': {
    may: ['domain', 'concurrency', 'db/store', 'db/mentor-digest', 'db/sorted-page', 'db/upcasting'],
    uses: ['node:', 'better-sqlite3'],
  },
  'db/mongo': {
    may: ['domain', 'concurrency', 'db/store', 'db/mentor-digest', 'db/sorted-page', 'db/upcasting'],
    uses: ['node:', 'mongodb', 'dataloader'],
  },
  sessions: { may: ['domain', 'concurrency', 'db/signature'], uses: ['node:'], types: ['pino', 'db/store'] },
  feed: { may: ['domain', 'concurrency', 'db/signature'], uses: ['node:'], types: ['pino', 'db/store'] },
  'use-cases': { may: ['domain', 'sessions', 'feed'] },
  access: {
    may: ['domain', 'concurrency/scheduler', 'concurrency/waits'],
    uses: ['node:', 'jose', 'zod'],
    types: ['pino'],
  },
  http: {
    may: ['domain', 'concurrency'],
    uses: ['node:', 'cors', 'negotiator'],
    types: ['pino'],
  },
  rest: {
    may: ['domain', 'concurrency', 'sessions', 'feed', 'http', 'use-cases', 'version'],
    uses: ['node:', 'express', 'zod'],
    types: ['pino'],
  },
  resolvers: {
    may: ['domain', 'concurrency', 'sessions', 'feed', 'http', 'use-cases'],
    uses: ['node:', 'graphql', 'type-graphql', 'reflect-metadata', 'zod'],
  },
  'graphql-server': {
    may: ['domain', 'concurrency', 'http', 'use-cases', 'resolvers'],
    uses: ['node:', 'graphql', '@apollo/', 'ws', 'zod'],
    types: ['pino'],
  },
  ...capabilityRooms(),
  'capabilities/variables': { may: ['capabilities'] },
  'capabilities/commands': { may: ['capabilities'], types: ['subcommand'] },
  'capabilities/index': { may: ['capabilities'], types: ['capability'] },
  subcommand: { may: ['domain'] },
  tool: { may: ['domain'], uses: ['zod'], types: ['sessions', 'use-cases'] },
  capability: {
    types: [
      'access/service-keys',
      'db',
      'domain',
      'feed',
      'http',
      'rest',
      'sessions',
      'telemetry',
      'tool',
      'use-cases',
      'variables',
      'pino',
    ],
  },
  telemetry: {
    may: ['domain', 'concurrency', 'http'],
    uses: ['node:', '@prometheus-io/client', '@opentelemetry/api'],
    types: ['pino', 'db/store', 'sessions', 'feed', 'use-cases'],
  },
  variables: { may: ['access/urls'], uses: ['zod'] },
  version: { uses: ['node:'] },
  'startup/config': { may: ['domain', 'access/urls', 'variables', 'capabilities/variables'], uses: ['zod'] },
  'startup/log': { uses: ['node:', 'pino'] },
  'startup/command-line': {
    may: ['startup/config', 'access/service-key', 'domain', 'capabilities/commands', 'subcommand', 'version'],
    uses: ['node:'],
  },
  interfaces: {
    may: ['access', 'capabilities/index', 'graphql-server', 'http', 'resolvers', 'rest'],
    uses: ['node:'],
    types: ['pino', 'capability', 'use-cases', 'variables'],
  },
  app: {
    may: [
      'domain',
      'concurrency',
      'db',
      'access',
      'sessions',
      'feed',
      'http',
      'interfaces',
      'rest',
      'resolvers',
      'telemetry',
      'use-cases',
      'capability',
      'capabilities/index',
      'version',
    ],
    uses: ['node:'],
    types: ['pino', 'variables'],
  },
  main: { may: ['startup', 'domain', 'http/base-path', 'app', 'telemetry'], uses: ['node:v8'] },
}

/**
 * The rooms of the client. Its packages are graphql-ws, graphql to print documents, and React for the hooks. It imports
 * nothing of the server.
 */
const clientRooms: Record<string, Room> = {
  schema: {},
  retry: {},
  names: {},
  versions: {},
  'typed-document': { uses: ['graphql'] },
  fragments: { may: ['schema'] },
  documents: { may: ['fragments'], types: ['schema'] },
  errors: { types: ['schema'] },
  options: { types: ['errors', 'schema'] },
  'option-names': { types: ['options'] },
  'check-options': { may: ['capabilities/options', 'option-names'], types: ['options', 'schema'] },
  operations: { may: ['errors'] },
  requests: { may: ['errors', 'retry', 'typed-document'], types: ['operations', 'options'] },
  'rest-requests': { may: ['names'], types: ['errors', 'options', 'requests'] },
  subscriptions: { may: ['errors', 'retry'], uses: ['graphql-ws'], types: ['options'] },
  messages: { types: ['errors', 'subscriptions'] },
  follow: {
    may: ['documents', 'errors', 'messages'],
    types: ['options', 'requests', 'schema', 'subscriptions'],
  },
  calls: {
    may: ['check-options', 'errors', 'operations', 'requests', 'subscriptions'],
    types: ['documents', 'follow', 'options'],
  },
  functions: { may: ['calls', 'check-options', 'option-names'], types: ['client', 'options'] },
  capabilities: {
    may: [
      'calls',
      'check-options',
      'errors',
      'follow',
      'fragments',
      'functions',
      'live',
      'messages',
      'names',
      'option-names',
      'requests',
      'rest-requests',
      'retry',
      'versions',
    ],
    types: ['client', 'documents', 'options', 'schema'],
  },
  client: {
    may: ['calls', 'capabilities/calls', 'check-options', 'documents', 'follow', 'options', 'versions'],
    types: ['schema', 'subscriptions', 'typed-document'],
  },
  index: {
    may: ['client', 'errors'],
    types: ['capabilities/index', 'documents', 'follow', 'options', 'schema', 'subscriptions', 'typed-document'],
  },
  rest: {
    may: ['calls', 'check-options', 'errors', 'names', 'option-names', 'rest-requests'],
    types: ['client', 'options', 'schema'],
  },
  'graphql-ws': { may: ['retry'], uses: ['graphql-ws'] },
  live: { uses: ['react'], types: ['client'] },
  react: { may: ['capabilities/react', 'check-options', 'live'], types: ['client', 'documents', 'options'] },
}

const client = 'packages/client/src/index'

/** Parts of the dashboard's own catalogues with files of their own. */
const catalogueParts = ['change-rows', 'months', 'proposal', 'selected', 'shared', 'yearly-costs']
const partsIn = (language: string): string[] => catalogueParts.map(part => `words/${part}-${language}`)

/** What a capability of the dashboard imports beyond what each one may. */
const dashboardCapabilities: Record<string, Room> = {
  import: {
    may: ['dates', 'rest', 'packages/client/src/names', 'packages/client/src/retry', 'src/domain/formula-guard'],
    uses: ['fflate', 'saxen'],
  },
  search: { may: ['src/domain/folding'] },
  totals: { may: ['src/domain/change', 'src/domain/months'] },
}

/**
 * The rooms of the dashboard. Only the client uses WebSockets, and nothing imports main. Only main knows the capabilities,
 * and none of them imports another. A lazily loaded catalogue imports types only, because the page waits for it.
 */
const dashboardRooms: Record<string, Room> = {
  'base-path': {},
  'graphql/fragments': {},
  'graphql/documents': { may: ['graphql/fragments', 'packages/client/src/fragments'] },
  'graphql/client': { may: ['base-path', 'words', client] },
  rest: { may: ['base-path', 'graphql/client', 'words', client, 'packages/client/src/errors'] },
  download: { may: ['base-path', 'graphql/client', 'rest', 'words'], types: ['route'] },
  drafts: { may: ['sign-in/caller', 'words'], types: ['inputs'] },
  'change-rows': { may: [client, 'concurrency'], types: ['types'] },
  deleted: { may: ['graphql', client, 'sign-in/caller', 'store'], types: ['change-rows', 'types'] },
  concurrency: {},
  'browser-settings': {},
  'year-start': { may: ['browser-settings', 'store'] },
  'session-name': { types: ['types'] },
  preview: { may: ['src/domain/time-value'], types: ['types'] },
  'sign-in/issuer': { may: ['router', 'words'], uses: ['oauth4webapi'], types: ['sign-in/settings'] },
  'sign-in': {
    may: [
      'base-path',
      'graphql/client',
      client,
      'packages/client/src/names',
      'packages/client/src/retry',
      'router',
      'store',
      'words',
      'src/domain/caller',
    ],
    types: ['packages/client/src/rest'],
  },
  capability: {
    may: ['store'],
    uses: ['preact'],
    types: ['months', 'route', 'sign-in/caller', 'types'],
  },
  live: {
    may: ['graphql', client, 'route', 'router', 'store', 'words', 'src/domain/months', 'src/domain/sort-key'],
    uses: ['preact'],
    types: ['capability', 'types', 'packages/client/src/schema'],
  },
  views: {
    may: [
      'base-path',
      'capability',
      'graphql/client',
      client,
      'live',
      'sign-in/caller',
      'route',
      'router',
      'download',
      'drafts',
      'change-rows',
      'deleted',
      'session-name',
      'store',
      'decimals',
      'format',
      'inputs',
      'months',
      'periods',
      'preview',
      'costs-line',
      'browser-settings',
      'yearly-costs',
      'year-start',
      'words',
      'dashboard/icon.svg',
      'src/domain/folding',
      'src/domain/limits',
      'src/domain/months',
      'src/rest/pages/break-even',
      'src/rest/pages/ratio-bar',
    ],
    uses: ['preact'],
    types: ['types', 'sign-in/sign-in', 'sign-in/key', 'src/domain/calculator'],
  },
  'capabilities/index': { may: ['capabilities'], types: ['capability'] },
  ...Object.fromEntries(
    foldersIn('dashboard/src/capabilities').flatMap((name): [string, Room][] => [
      [
        `capabilities/${name}/words/`,
        { types: ['words/grammar', 'words/language', 'packages/client/src/errors', 'packages/client/src/schema'] },
      ],
      [
        `capabilities/${name}`,
        {
          may: [
            'capability',
            'graphql/client',
            'graphql/fragments',
            'packages/client/src/fragments',
            client,
            'concurrency',
            'live',
            'sign-in/caller',
            'route',
            'router',
            'download',
            'session-name',
            'store',
            'decimals',
            'format',
            'inputs',
            'months',
            'views',
            'words',
            'src/domain/limits',
            `src/capabilities/${name}/pages`,
            ...(dashboardCapabilities[name]?.may ?? []),
          ],
          uses: ['preact', ...(dashboardCapabilities[name]?.uses ?? [])],
          types: ['types', 'packages/client/src/schema', `src/capabilities/${name}/model`],
        },
      ],
    ]),
  ),
  dates: {},
  months: { may: ['src/domain/months'] },
  periods: { may: ['dates', 'months', 'src/domain/months'], types: ['types'] },
  route: { may: ['src/domain/months', 'src/http/view-paths'], types: ['types', client] },
  router: { may: ['route', 'base-path', 'store'] },
  store: { uses: ['preact'] },
  format: { may: ['words', 'src/rest/pages/break-even'], types: ['decimals', 'months', 'types'] },
  decimals: {},
  'costs-line': { may: ['decimals'] },
  'yearly-costs': { may: ['src/domain/limits', 'src/domain/time-value'] },
  inputs: { may: ['decimals', 'format', 'words', 'src/domain/limits'], types: ['types', client] },
  'words/grammar': {},
  'words/language': {},
  'words/en': {
    may: [...partsIn('en'), 'src/rest/pages/words/en'],
    types: ['types', 'words/grammar', 'packages/client/src/errors'],
  },
  'words/de': { may: [...partsIn('de'), 'src/rest/pages/words/de'], types: ['types', 'words/en'] },
  'words/fr': { may: [...partsIn('fr'), 'src/rest/pages/words/fr'], types: ['types', 'words/en'] },
  ...Object.fromEntries(
    catalogueParts.flatMap((part): [string, Room][] => [
      [`words/${part}-en`, { types: ['words/grammar', 'months'] }],
      [`words/${part}-de`, { types: [`words/${part}-en`] }],
      [`words/${part}-fr`, { types: [`words/${part}-en`] }],
    ]),
  ),
  words: { may: ['browser-settings'], types: ['packages/client/src/errors'] },
  types: { types: [client, 'src/domain/sort-key'] },
  authenticated: {
    may: ['base-path', 'sign-in', 'views', 'store', 'words', 'dashboard/icon.svg'],
    uses: ['preact'],
  },
  main: {
    may: [
      'authenticated',
      'capabilities',
      'capability',
      'live',
      'sign-in',
      'views',
      'router',
      'store',
      'words',
      'base.css',
      'main.css',
    ],
    uses: ['preact'],
  },
}

const houses: Record<string, Record<string, Room>> = {
  src: rooms,
  'packages/client/src': clientRooms,
  'dashboard/src': dashboardRooms,
}

/** Each entry is a folder or a file without extension, or the beginning of a package's name. */
interface Room {
  may?: string[]
  uses?: string[]
  /** Rooms and packages from which only types may be imported. */
  types?: string[]
}

/** One import of a source: a package by name, `node:…`, or a file by its path from the root. */
interface Import {
  of: string
  /** True if the import is erased at compile time. */
  typeOnly: boolean
}

const imports = (path: string, source: string): Import[] => {
  const code = withoutComments(source)
  const statements = [
    ...code.matchAll(/(?:^|[;\n])\s*(?:import|export)\s+(type\s)?([\w*{}\s,$]*?)\sfrom\s*['"]([^'"]+)['"]/g),
  ].map(([, type, names = '', of = '']) => ({ of, typeOnly: type !== undefined || onlyTypes(names) }))
  const others = [...code.matchAll(/(?:(?:^|[;\n])\s*import|\b(?:import|require)\s*\()\s*['"`]([^'"`]+)['"`]/g)]
  return [...statements, ...others.map(([, of = '']) => ({ of, typeOnly: false }))].map(({ of, typeOnly }) => ({
    of: of.startsWith('.') ? posix.join(posix.dirname(path), of).replace(/\.(js|ts|json)$/, '') : of,
    typeOnly,
  }))
}

const withoutComments = (source: string): string =>
  source.replaceAll(/(^|\s)\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '')

const onlyTypes = (names: string): boolean => /^\{(\s*type\s[^,]+,?)+\s*\}$/.test(names.trim())

const isIn = (place: string, file: string): boolean => file === place || file.startsWith(place.replace(/\/?$/, '/'))

const isOf = (name: string, package_: string): boolean =>
  package_ === name || package_.startsWith(/[:/]$/.test(name) ? name : `${name}/`)

/** Returns the violations of a source as sentences. `file` is its path in the house, without extension. */
function violations(file: string, source: string, house = 'src'): string[] {
  const rooms = houses[house] ?? {}
  const path = `${house}/${file}`
  const name = Object.keys(rooms).find(room => isIn(room, file))
  if (!name) return [`${path} is in no room: say in this test which it is and whom it may import`]
  const { may = [], uses = [], types = [] } = rooms[name] as Room
  const forbidden = imports(path, source).filter(({ of, typeOnly }) => {
    const places = [name, ...may, ...(typeOnly ? types : [])]
    if (/^(src|packages|dashboard)\//.test(of))
      return !places.some(place => isIn(`${house}/${place}`, of) || isIn(place, of))
    return ![...uses, ...(typeOnly ? types : [])].some(name => isOf(name, of))
  })
  const environment =
    /process\s*(\?\.|\.|\[\s*['"])\s*env\b|\benv\b[^\n]*(from\s*|=\s*)(['"](node:)?process['"]|process\b)/
  return [
    ...forbidden.map(({ of, typeOnly }) => `${path} imports ${typeOnly ? 'types of ' : ''}${of}`),
    ...(path !== 'src/main' && environment.test(withoutComments(source)) ? [`${path} reads process.env`] : []),
  ]
}

const files = Object.keys(houses).flatMap(house =>
  readdirSync(join(root, house), { recursive: true, encoding: 'utf8' })
    .filter(name => /\.[cm]?tsx?$/.test(name))
    .map(name => [house, name.replaceAll('\\', '/')] as const)
    .sort(),
)

test('the sources and their imports are found', () => {
  expect(files.map(names => names.join('/'))).toEqual(
    expect.arrayContaining([
      'src/domain/session.ts',
      'src/db/store.ts',
      'packages/client/src/index.ts',
      'dashboard/src/views/list/list.tsx',
    ]),
  )
  const source = readFileSync(join(root, 'src/domain/decide.ts'), 'utf8')
  expect(imports('src/domain/decide', source).map(({ of }) => of)).toEqual([
    'zod',
    'src/domain/calculator',
    'src/domain/errors',
    'src/domain/limits',
    'src/domain/session',
    'src/domain/text',
    'src/domain/timestamp',
  ])
})

test.each(files)('%s/%s imports only what it may', (house, file) => {
  const source = readFileSync(join(root, house, file), 'utf8')
  expect(violations(file.replace(/\.[cm]?tsx?$/, ''), source, house)).toEqual([])
})

test.each([
  ['domain/session', "import { readFileSync } from 'node:fs'", 'imports node:fs'],
  ['domain/session', "import type { Store } from '../db/store'", 'imports types of src/db/store'],
  ['domain/session', "export * from '../sessions/session-commands'", 'imports src/sessions/session-commands'],
  ['domain/errors', "import {\n  a,\n  type B,\n} from 'graphql'", 'imports graphql'],
  ['db/mongo/mongo-store', "import Database from 'better-sqlite3'", 'imports better-sqlite3'],
  ['db/embedded/log', "import { MongoClient } from 'mongodb'", 'imports mongodb'],
  [
    'db/embedded/log',
    "import { SessionCommands } from '../../sessions/session-commands'",
    'imports src/sessions/session-commands',
  ],
  ['db/mongo/log', "import { Embedded } from '../embedded/embedded-store'", 'imports src/db/embedded/embedded-store'],
  ['db/redis', "import redis from 'redis'", 'is in no room: say in this test which it is and whom it may import'],
  ['sessions/session-commands', "import { pino } from 'pino'", 'imports pino'],
  ['sessions/session-commands', "import { type Store, idempotencyExpiry } from '../db/store'", 'imports src/db/store'],
  [
    'sessions/session-commands',
    "import type { Mongo } from '../db/mongo/mongo-store'",
    'imports types of src/db/mongo/mongo-store',
  ],
  ['sessions/idempotency-keys', "import type { Ring } from '../feed/ring'", 'imports types of src/feed/ring'],
  [
    'feed/ring',
    "import type { Answer } from '../sessions/session-commands'",
    'imports types of src/sessions/session-commands',
  ],
  ['feed/ring', "const express = require('express')", 'imports express'],
  ['http/event-stream', "import { Feed } from '../feed/feed'", 'imports src/feed/feed'],
  ['http/etags', "import { sendProblem } from '../rest/problem'", 'imports src/rest/problem'],
  ['rest/routes', "import { schema } from '../resolvers/session'", 'imports src/resolvers/session'],
  ['rest/routes', "import '../app.js'", 'imports src/app'],
  ['rest/resources/events', "import { MongoClient } from 'mongodb'", 'imports mongodb'],
  ['rest/pages/html', "const any = '*/*'\nimport '../../main'\nconst every = '*/*'", 'imports src/main'],
  ['resolvers/feed', "const events = await import('../rest/resources/events')", 'imports src/rest/resources/events'],
  ['resolvers/feed', "import type { Store } from '../db/store'", 'imports types of src/db/store'],
  ['startup/config', "import { app } from '../app'", 'imports src/app'],
  ['app', "import { port } from './main'", 'imports src/main'],
  ['app', 'const port = process.env.PORT', 'reads process.env'],
  ['startup/config', "const port = process['env'].PORT", 'reads process.env'],
  ['rest/routes', 'const { env } = process', 'reads process.env'],
  ['rest/routes', "import { env } from 'node:process'", 'reads process.env'],
])('a violation in src/%s is found: %s', (file, source, violation) => {
  expect(violations(file, `// a source\n${source}\n`)).toEqual([`src/${file} ${violation}`])
})

test.each([
  ['domain/calculator', "import { Decimal } from 'decimal.js'\nimport { z } from 'zod'"],
  ['db/mongo/mongo-store', "import {\n  type A,\n  b,\n} from 'mongodb'\nimport type { c } from '../store'"],
  [
    'sessions/session-commands',
    "import type { Store } from '../db/store'\nimport { type Logger, type Level } from 'pino'",
  ],
  [
    'rest/resources/events',
    "import { Router } from 'express'\nimport { Feed } from '../feed/feed'\nimport { a } from './problem'",
  ],
  ['rest/resources/events', "// import { x } from '../resolvers/y'\n/* process.env */ const text = 'a // b'"],
  ['graphql-server/http', "import { HeaderMap } from '@apollo/server'\nimport { parse } from 'graphql'"],
  ['app', "import { rest } from './rest/routes'\nimport { schema } from './resolvers/schema'"],
  ['main', 'start(process.env)'],
])('an allowed import in src/%s is not a violation: %s', (file, source) => {
  expect(violations(file, source)).toEqual([])
})

test.each([
  [
    'views/list/list',
    "import { feedSubscription } from '../../graphql/documents'",
    'imports dashboard/src/graphql/documents',
  ],
  [
    'live/list',
    "import { Subscriptions } from '../../../packages/client/src/subscriptions.js'",
    'imports packages/client/src/subscriptions',
  ],
  ['views/list/list', "import { createClient } from 'graphql-ws/client'", 'imports graphql-ws/client'],
  ['views/list/list', "import '../../main'", 'imports dashboard/src/main'],
  [
    'views/session/result',
    "import { calculate } from '../../../../src/domain/calculator'",
    'imports src/domain/calculator',
  ],
  ['live/list', "import { createClient } from 'graphql-ws/client'", 'imports graphql-ws/client'],
  ['live/list', "import { SessionTable } from '../views/list/table'", 'imports dashboard/src/views/list/table'],
  [
    'views/list/list',
    "import { KeyFigures } from '../../capabilities/totals/key-figures'",
    'imports dashboard/src/capabilities/totals/key-figures',
  ],
  [
    'capabilities/reports/share-report',
    "import { summary } from '../totals/summary'",
    'imports dashboard/src/capabilities/totals/summary',
  ],
  ['words/de', "import { en } from './en'", 'imports dashboard/src/words/en'],
  ['graphql/client', "import { announce } from '../store'", 'imports dashboard/src/store'],
  ['format', "import { listState } from './live/list'", 'imports dashboard/src/live/list'],
  ['plot', 'export {}', 'is in no room: say in this test which it is and whom it may import'],
])('a violation in dashboard/src/%s is found: %s', (file, source, violation) => {
  expect(violations(file, source, 'dashboard/src')).toEqual([`dashboard/src/${file} ${violation}`])
})
