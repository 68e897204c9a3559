import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'

/** One import of a source: of a package by its name, of `node:…`, or of a file by its path in src, without extension. */
interface Import {
  of: string
  /** Nothing of it is left when the program runs. */
  typeOnly: boolean
}

const imports = (file: string, source: string): Import[] => {
  const code = withoutComments(source)
  const statements = [
    ...code.matchAll(/(?:^|[;\n])\s*(?:import|export)\s+(type\s)?([\w*{}\s,$]*?)\sfrom\s*['"]([^'"]+)['"]/g),
  ].map(([, type, names = '', of = '']) => ({ of, typeOnly: type !== undefined || onlyTypes(names) }))
  const others = [...code.matchAll(/(?:\brequire|\bimport)\s*\(?\s*['"`]([^'"`]+)['"`]/g)]
  return [...statements, ...others.map(([, of = '']) => ({ of, typeOnly: false }))].map(({ of, typeOnly }) => ({
    of: of.startsWith('.') ? `src/${posix.join(posix.dirname(file), of).replace(/\.(js|ts|json)$/, '')}` : of,
    typeOnly,
  }))
}

const withoutComments = (source: string): string =>
  source.replaceAll(/(^|\s)\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '')

const onlyTypes = (names: string): boolean => /^\{(\s*type\s[^,]+,?)+\s*\}$/.test(names.trim())

const builtIn = /^node:/
const drivers = /^(mongodb|better-sqlite3|dataloader)$/
const library = /^(?!src\/|node:)/

/** What a source may import; `types` it may import as types only. */
interface Rule {
  file: RegExp
  may: RegExp[]
  types?: RegExp[]
  not?: RegExp[]
}

const domain = /^src\/domain\//
const useCases = [domain, /^src\/(sessions|deadline|lanes|digest|shared-reads|feed)(\/|$)/]
/** What several doors do alike, Server-Sent Events, request rates, fixed contents and JSON bodies: it knows of no door. */
const common = /^src\/(sse|rate|fixed|json|http\/(addresses|observe|origins|server))$/
const doors = [...useCases, common, builtIn, library]

/** The first rule that fits a file is its rule. */
const rules: Rule[] = [
  { file: /^domain\//, may: [domain, /^(decimal\.js|zod)$/] },
  { file: /^db\/store$/, may: [domain] },
  { file: /^db\/mongo(-\w+)?$/, may: [domain, /^src\/db\/(store|mongo)/, builtIn, /^(mongodb|dataloader)$/] },
  { file: /^db\/embedded(-\w+)?$/, may: [domain, /^src\/(stalls|db\/(store|embedded))/, builtIn, /^better-sqlite3$/] },
  {
    file: /^(sessions|deadline|lanes|digest|shared-reads|feed)(\/|$)/,
    may: [...useCases, /^src\/stalls$/, builtIn],
    types: [/^src\/db\/store$/, /^pino$/],
  },
  { file: /^sse$/, may: [domain, /^src\/(rate|http\/addresses)$/, builtIn] },
  { file: /^rate$/, may: [domain] },
  { file: /^http\/addresses$/, may: [builtIn, /^proxy-addr$/] },
  { file: /^http\/origins$/, may: [builtIn] },
  { file: /^stalls$/, may: [builtIn], types: [/^pino$/] },
  { file: /^http\/observe$/, may: [builtIn], types: [/^pino$/, /^src\/stalls$/] },
  { file: /^http\/server$/, may: [domain, builtIn], types: [/^pino$/] },
  { file: /^fixed$/, may: [builtIn] },
  { file: /^json$/, may: [domain, builtIn, /^decimal\.js$/] },
  { file: /^pages$/, may: [/^src\/fixed$/, builtIn] },
  { file: /^rest\//, may: [...doors, /^src\/rest\//], not: [drivers] },
  { file: /^resolvers\//, may: [...doors, /^src\/resolvers\//], not: [drivers] },
  { file: /^config$/, may: [domain, builtIn, library], not: [drivers] },
  { file: /^app$/, may: [/^/], not: [/^src\/main$/] },
  { file: /^environment$/, may: [] },
  { file: /^main$/, may: [/^/] },
]

/** What a source does against the rules, as sentences. `file` is its path in src, without extension. */
function violations(file: string, source: string): string[] {
  const rule = rules.find(rule => rule.file.test(file))
  if (!rule) return [`src/${file} has no rule: say in this test who it may import`]
  const forbidden = imports(file, source).filter(({ of, typeOnly }) => {
    const allowed = typeOnly ? [...rule.may, ...(rule.types ?? [])] : rule.may
    return !allowed.some(may => may.test(of)) || rule.not?.some(not => not.test(of))
  })
  const environment =
    /process\s*(\?\.|\.|\[\s*['"])\s*env\b|\benv\b[^\n]*(from\s*|=\s*)(['"](node:)?process['"]|process\b)/
  return [
    ...forbidden.map(({ of, typeOnly }) => `src/${file} imports ${typeOnly ? 'types of ' : ''}${of}`),
    ...(!['main', 'environment'].includes(file) && environment.test(withoutComments(source))
      ? [`src/${file} reads process.env`]
      : []),
  ]
}

const root = join(__dirname, '../../src')
const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter(name => /\.[cm]?tsx?$/.test(name))
  .map(name => name.replaceAll('\\', '/'))
  .sort()

test('there are sources to read, and their imports are found', () => {
  expect(files).toEqual(expect.arrayContaining(['domain/session.ts', 'db/store.ts', 'sessions.ts']))
  const source = readFileSync(join(root, 'domain/command.ts'), 'utf8')
  expect(imports('domain/command', source).map(({ of }) => of)).toEqual([
    'zod',
    'src/domain/calculator',
    'src/domain/errors',
    'src/domain/session',
  ])
})

test.each(files)('%s imports only whom it may', file => {
  expect(violations(file.replace(/\.[cm]?tsx?$/, ''), readFileSync(join(root, file), 'utf8'))).toEqual([])
})

test.each([
  ['domain/session', "import { readFileSync } from 'node:fs'", 'imports node:fs'],
  ['domain/session', "import type { Store } from '../db/store'", 'imports types of src/db/store'],
  ['domain/session', "export * from '../sessions'", 'imports src/sessions'],
  ['domain/errors', "import {\n  a,\n  type B,\n} from 'graphql'", 'imports graphql'],
  ['db/mongo', "import Database from 'better-sqlite3'", 'imports better-sqlite3'],
  ['db/embedded', "import { MongoClient } from 'mongodb'", 'imports mongodb'],
  ['db/embedded', "import { Sessions } from '../sessions'", 'imports src/sessions'],
  ['db/redis', "import redis from 'redis'", 'has no rule: say in this test who it may import'],
  ['sessions', "import { pino } from 'pino'", 'imports pino'],
  ['sessions', "import { type Store, keptSince } from './db/store'", 'imports src/db/store'],
  ['sessions', "import type { Mongo } from './db/mongo'", 'imports types of src/db/mongo'],
  ['db/mongo-log', "import { Embedded } from './embedded'", 'imports src/db/embedded'],
  ['feed/ring', "import { Mongo } from '../db/mongo'", 'imports src/db/mongo'],
  ['sse', "import { Feed } from './feed/feed'", 'imports src/feed/feed'],
  ['feed', "const express = require('express')", 'imports express'],
  ['rest/routes', "import { schema } from '../resolvers/session'", 'imports src/resolvers/session'],
  ['rest/routes', "import '../app.js'", 'imports src/app'],
  ['rest/sse', "import { MongoClient } from 'mongodb'", 'imports mongodb'],
  ['resolvers/feed', "const sse = await import('../rest/sse')", 'imports src/rest/sse'],
  ['resolvers/feed', "import type { Store } from '../db/store'", 'imports types of src/db/store'],
  ['config', "import { app } from './app'", 'imports src/app'],
  ['app', "import { port } from './main'", 'imports src/main'],
  ['rest/sse', "const any = '*/*'\nimport '../main'\nconst every = '*/*'", 'imports src/main'],
  ['app', 'const port = process.env.PORT', 'reads process.env'],
  ['config', "const port = process['env'].PORT", 'reads process.env'],
  ['rest/routes', 'const { env } = process', 'reads process.env'],
  ['rest/routes', "import { env } from 'node:process'", 'reads process.env'],
])('a violation in src/%s is found: %s', (file, source, violation) => {
  expect(violations(file, `// a source\n${source}\n`)).toEqual([`src/${file} ${violation}`])
})

test.each([
  ['domain/calculator', "import { Decimal } from 'decimal.js'\nimport { z } from 'zod'"],
  ['db/mongo', "import {\n  type A,\n  b,\n} from 'mongodb'\nimport { c } from './store'"],
  ['sessions', "import type { Store } from './db/store'\nimport { type Logger, type Level } from 'pino'"],
  [
    'rest/sse',
    "import { Router } from 'express'\nimport { Feed } from '../feed/feed'\nimport { problem } from './problem'",
  ],
  ['rest/sse', "// import { x } from '../resolvers/y'\n/* process.env */ const text = 'a // b'"],
  ['app', "import { rest } from './rest/routes'\nimport { schema } from './resolvers/schema'"],
  ['main', 'start(process.env)'],
])('what src/%s may import is no violation: %s', (file, source) => {
  expect(violations(file, source)).toEqual([])
})
