import { fragments } from './schema.js'

/** Returns a GraphQL document, followed by the definitions of all generated fragments that the document uses. */
export function withFragments(document: string): string {
  const parts = [document]
  const added = new Set<string>()
  // This loop also visits the fragments that it adds to `parts`.
  for (const part of parts) {
    for (const [, name = ''] of part.matchAll(/\.\.\.(\w+)/g)) {
      const fragment = fragments[name]
      if (fragment === undefined || added.has(name)) continue
      added.add(name)
      parts.push(fragment)
    }
  }
  return parts.join('\n')
}
