import { publicPath } from '../http/base-path'
import { calculationsPath, callerPath, feedPath, sessionsPath, summariesPath } from './paths'

/** Paths of this server's resources, by name. */
const places = {
  dashboard: '/',
  docs: '/docs',
  openapi: '/openapi.json',
  asyncapi: '/asyncapi.json',
  graphql: '/graphql',
  graphql_stream: '/graphql/stream',
  sessions: sessionsPath,
  events: feedPath,
  calculations: calculationsPath,
  summaries: summariesPath,
  caller: callerPath,
  problems: '/problems',
  health: '/healthz',
  readiness: '/readyz',
}

/** Returns the links, with the base path. Clients other than browsers get them at `/`. */
export const links = () => ({
  links: Object.fromEntries(Object.entries(places).map(([name, path]) => [name, publicPath(path)])),
})

export const linkNames = Object.keys(places) as (keyof typeof places)[]
