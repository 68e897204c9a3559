import { fragments } from './schema.js'

/** Returns the document, followed by the definitions of all generated fragments that it uses. */
export function withFragments(document: string): string {
  const parts = [document]
  const added = new Set<string>()
  // The loop also visits the fragments that it adds.
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
