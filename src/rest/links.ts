import type { Resource } from './resource'

const otherPaths = { dashboard: '/', graphql: '/graphql', graphql_stream: '/graphql/stream' }

type LinkedPath = [path: string, link: string | undefined]

const linkedPathsOf = (resources: readonly Resource[]): LinkedPath[] =>
  resources.flatMap(({ path, link }): LinkedPath[] => (link === false ? [] : [[[path].flat()[0] ?? '', link]]))

/**
 * A path with parameters is a URI template (RFC 6570). If a resource sets no link name, the name is derived from the
 * path: `benefit-mentors` becomes `mentors`, and `benefit-mentors/:mentor_id` becomes `mentor`.
 */
export function linksOf(resources: readonly Resource[]): Record<string, string> {
  const paths = linkedPathsOf(resources)
  const stated = new Map(paths)
  const links: Record<string, string> = { ...otherPaths }
  for (const [path] of paths) {
    const name = nameOf(path, stated)
    if (links[name]) throw new Error(`${path} and ${links[name]} have the same name in GET /: state \`link\` for one`)
    links[name] = path.replace(/:(\w+)/g, '{$1}')
  }
  return links
}

function nameOf(path: string, stated: Map<string, string | undefined>): string {
  const name = stated.get(path)
  if (name !== undefined) return name
  const [, parent = '', last = ''] = /^(.*)\/([^/]*)$/.exec(path) ?? []
  const isFirst = parent === '' || parent === '/api/v1'
  if (isFirst) return last.replace(/^benefit-/, '').replaceAll(/\W/g, '_')
  const above = nameOf(parent, stated)
  return last.startsWith(':') ? above.replace(/s$/, '') : `${above}_${last.replaceAll(/\W/g, '_')}`
}
