import { StartupError } from '../../src/domain/errors'
import { configOf, configWarnings } from '../../src/startup/config'

const issuer = { AUTH_ISSUER: 'https://issuer.example/realms/a', AUTH_AUDIENCE: 'sessions' }

const samePort = 'PORT and METRICS_PORT are both 4000. Give the metrics another port.'

const refused: [env: Record<string, string>, sentence: string][] = [
  [{ AUTH_AUDIENCE: 'sessions' }, 'Set AUTH_ISSUER too: AUTH_AUDIENCE has no effect without it.'],
  [{ AUTH_CLIENT_ID: 'dashboard' }, 'Set AUTH_ISSUER too: AUTH_CLIENT_ID has no effect without it.'],
  [{ AUTH_ROLE_CLAIM: 'role', AUTH_ISSUER: '' }, 'Set AUTH_ISSUER too: AUTH_ROLE_CLAIM has no effect without it.'],
  [
    { AUTH_MENTORS_CHOOSE_ORGANISATION: 'on' },
    'Set AUTH_ISSUER too: AUTH_MENTORS_CHOOSE_ORGANISATION has no effect without it.',
  ],
  [{ ...issuer, AUTH_MENTORS_CHOOSE_ORGANISATION: 'yes' }, 'AUTH_MENTORS_CHOOSE_ORGANISATION must be one of on, off'],
  [{ AUTH_ISSUER: issuer.AUTH_ISSUER }, 'Set AUTH_AUDIENCE too: the server cannot check tokens without it'],
  [
    { AUTH_KEYS: 'keys.json', AUTH_ROLE_CLAIM: 'role' },
    'Set AUTH_ISSUER too: AUTH_ROLE_CLAIM has no effect without it.',
  ],
  [
    { AUTH_KEYS: 'keys.json', AUTH_CLIENT_ID: 'dashboard' },
    'Set AUTH_ISSUER too: AUTH_CLIENT_ID has no effect without it.',
  ],
  [{ AUTH_KEYS: 'keys.json', PUBLIC: 'on' }, 'Unset PUBLIC or AUTH_KEYS: '],
  [{ METRICS_PORT: '4000' }, samePort],
  [{ PORT: '04000', METRICS_PORT: '4000' }, samePort],
  ...[
    'issuer.example',
    'http://issuer.example',
    'https://issuer.example?a=b',
    'https://issuer.example#a',
    'https://user:secret@issuer.example',
    'ftp://issuer.example',
    'http://127.example',
  ].map(AUTH_ISSUER => [{ ...issuer, AUTH_ISSUER }, 'AUTH_ISSUER must be an https URL'] satisfies [object, string]),
  ...['0.0.0.0', '::', '192.0.2.1', 'server.example', '127.0.0.1.example'].flatMap(HOST =>
    [{ HOST }, { HOST, PUBLIC: 'off' }, { HOST, PUBLIC: '', AUTH_ISSUER: '' }].map(
      env => [env, `HOST=${HOST} lets other machines reach this server.`] satisfies [object, string],
    ),
  ),
  [{ ...issuer, PUBLIC: 'on' }, 'Unset PUBLIC or AUTH_ISSUER: '],
  [{ PUBLIC: 'yes' }, 'PUBLIC must be one of on, off.'],
  ...['http://issuer.example/keys', 'https://'].map(
    AUTH_JWKS => [{ ...issuer, AUTH_JWKS }, 'AUTH_JWKS must be a file, or an https URL'] satisfies [object, string],
  ),
]

test.each(refused)('%j stops the start with a sentence that names the variable', (env, sentence) => {
  const refusal = expect(() => configOf(env))
  refusal.toThrow(StartupError)
  refusal.toThrow(sentence)
})

test.each(['http://127.0.0.1:4444', 'http://localhost:4444/realm', 'http://[::1]:4444', 'https://issuer.example/'])(
  'an issuer may have the URL %s',
  AUTH_ISSUER => {
    expect(configOf({ ...issuer, AUTH_ISSUER })).toMatchObject({ AUTH_ISSUER })
  },
)

test.each([
  {},
  { HOST: '' },
  { HOST: '127.0.0.1' },
  { HOST: '127.1.2.3' },
  { HOST: 'localhost' },
  { HOST: '::1' },
  { PUBLIC: 'on' },
  { HOST: '0.0.0.0', PUBLIC: 'on' },
  { ...issuer, HOST: '0.0.0.0' },
  { ...issuer, HOST: '0.0.0.0', PUBLIC: 'off' },
  { AUTH_KEYS: 'keys.json', HOST: '0.0.0.0' },
  { AUTH_KEYS: 'keys.json', AUTH_MENTORS_CHOOSE_ORGANISATION: 'on' },
  { ...issuer, AUTH_KEYS: 'keys.json', HOST: '0.0.0.0' },
])('%j is complete: the server is on this machine only, requires tokens or keys, or is public by choice', env => {
  expect(() => configOf(env)).not.toThrow()
})

test('mentors without an organisation choose none unless the operator allows it', () => {
  expect(configOf(issuer).AUTH_MENTORS_CHOOSE_ORGANISATION).toBe(false)
  expect(configOf({ ...issuer, AUTH_MENTORS_CHOOSE_ORGANISATION: 'on' }).AUTH_MENTORS_CHOOSE_ORGANISATION).toBe(true)
})

test('a free port is chosen for each of PORT=0 and METRICS_PORT=0', () => {
  expect(configOf({ PORT: '0', METRICS_PORT: '0' })).toMatchObject({ PORT: 0, METRICS_PORT: 0 })
})

const refusedAsMisspelled: [env: Record<string, string>, name: string][] = [
  [{ AUTH_ISUSER: 'https://issuer.example' }, 'AUTH_ISSUER'],
  [{ AUTHISSUER: 'https://issuer.example' }, 'AUTH_ISSUER'],
  [{ AUT_ISSUER: 'https://issuer.example' }, 'AUTH_ISSUER'],
  [{ auth_issuer: 'https://issuer.example', PUBLIC: 'on' }, 'AUTH_ISSUER'],
  [{ AUTH_KEY: 'keys.json' }, 'AUTH_KEYS'],
  [{ AUTHKEYS: 'keys.json' }, 'AUTH_KEYS'],
  [{ AUTH_ROLES_CLAIM: 'groups', ...issuer }, 'AUTH_ROLE_CLAIM'],
  [{ AUTH_ORGANIZATION_CLAIM: 'org', ...issuer }, 'AUTH_ORGANISATION_CLAIM'],
]

test.each(refusedAsMisspelled)('%j is refused as a misspelled %s', (env, name) => {
  const [given] = Object.keys(env)
  const sentence = `${given} is not a variable of this server. If you mean ${name}, rename the variable. Otherwise, also set ${name}, or unset ${given}.`
  expect(() => configOf(env)).toThrow(new StartupError(sentence))
})

const warnedAsMisspelled: [env: Record<string, string>, name: string][] = [
  [{ INTROSPECTON: 'off' }, 'INTROSPECTION'],
  [{ FEDERATIONS: 'on' }, 'FEDERATION'],
  [{ federation: 'on' }, 'FEDERATION'],
  [{ CORS_ORIGINS: 'https://a.example' }, 'CORS_ORIGIN'],
  [{ MONGODB_URL: 'mongodb://db.example' }, 'MONGODB_URI'],
  [{ MONGO_URI: 'mongodb://db.example' }, 'MONGODB_URI'],
  [{ SESSION_PER_MENTOR: '5' }, 'SESSIONS_PER_MENTOR'],
  [{ REQUEST_PER_SECONDS: '5' }, 'REQUESTS_PER_SECOND'],
  [{ log_level: 'debug' }, 'LOG_LEVEL'],
  [{ LOGLEVEL: 'debug' }, 'LOG_LEVEL'],
  [{ OAUTH_CLIENT_ID: 'other' }, 'AUTH_CLIENT_ID'],
  // The server requires authentication anyway.
  [{ AUTH_KEY: 'secret', ...issuer }, 'AUTH_KEYS'],
  [{ OAUTH_ISSUER: 'https://issuer.example', AUTH_KEYS: 'keys.json' }, 'AUTH_ISSUER'],
]

test.each(warnedAsMisspelled)('%j has no effect, and a warning names %s', (env, name) => {
  const [given] = Object.keys(env)
  expect(configOf(env)).toEqual(configOf({ ...env, [given as string]: '' }))
  expect(configWarnings(env)).toEqual([
    `${given} has no effect, because it is not a variable of this server. If you mean ${name}, rename the variable.`,
  ])
})

test.each(['tcp://10.0.0.1:9090', 'udp://10.0.0.1:9090', 'sctp://10.0.0.1:9090'])(
  'METRICS_PORT=%s, which Kubernetes sets for a service, has no effect, and a warning says so',
  METRICS_PORT => {
    expect(configOf({ METRICS_PORT })).toEqual(configOf({}))
    expect(configWarnings({ METRICS_PORT })).toEqual([
      `METRICS_PORT=${METRICS_PORT} has no effect: it looks like the address of a Kubernetes service. Set METRICS_PORT to a port, or enableServiceLinks to false in the pod.`,
    ])
  },
)

/** Variables of other programs, and of environments that start servers. */
const foreign: Record<string, string> = {
  // Too short to tell a misspelling from another name.
  PORTS: '80',
  HOSTS: 'a.example',
  HOSTNAME: 'web-1',
  PUBLIC_URL: 'https://a.example',
  // No value of the variable that it resembles.
  FEDERATIONS: 'https://federation.example',
  GENERATION: '3',
  TRUST_PROXIES: 'loopback',
  // What Kubernetes sets for services of these names.
  FEDERATION_SERVICE_HOST: '10.0.0.1',
  FEDERATION_PORT: 'tcp://10.0.0.1:80',
  MONGODB_PORT: 'tcp://10.0.0.2:27017',
  METRICS_PORT_9400_TCP: 'tcp://10.0.0.3:9400',
  BENEFIT_SESSIONS_PORT: 'tcp://10.0.0.4:80',
  // Shells, proxies, npm, OpenTelemetry, hosts of databases.
  PATH: '/bin',
  LOGNAME: 'node',
  HTTPS_PROXY: 'http://proxy.example',
  npm_config_loglevel: 'warn',
  OTEL_LOG_LEVEL: 'info',
  DATABASE_URL: 'postgres://db.example',
}

test.each(Object.entries(foreign))('%s=%s of another program is ignored without a warning', (name, value) => {
  expect(configOf({ [name]: value })).toEqual(configOf({}))
  expect(configWarnings({ [name]: value })).toEqual([])
})

test('the environment of this process is ignored', () => {
  expect(() => configOf(process.env)).not.toThrow()
})

test('a name like that of a variable which is set is ignored', () => {
  const env = { MONGODB_URL: 'mongodb://a.example', MONGODB_URI: 'mongodb://b.example' }
  expect(configOf(env).MONGODB_URI).toMatch(/b/)
  expect(configWarnings(env)).toEqual([])
})
