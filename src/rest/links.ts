import { publicPath } from '../http/base-path'
import { calculationsPath, callerPath, feedPath, sessionsPath, summariesPath } from './paths'

/** What this server has, and where. */
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

/** The same as clients reach it, for those that ask for `/` and are no browsers. */
export const links = () => ({
  links: Object.fromEntries(Object.entries(places).map(([name, path]) => [name, publicPath(path)])),
})

export const linkNames = Object.keys(places) as (keyof typeof places)[]
