/**
 * A GraphQL document that carries the types of its data and variables: a `TypedDocumentNode` from GraphQL Code
 * Generator or gql.tada, or a `TypedDocumentString`.
 */
export type TypedDocument<T, V> = ({ kind: string; definitions: readonly object[] } | Pick<string, 'trim'>) & {
  __apiType?: ((variables: V) => T) | undefined
}

/**
 * The arguments that follow the document in a call such as `request`. You can omit the variables if the document
 * requires none.
 */
export type RequestArguments<V, Options> =
  Record<never, never> extends V ? [variables?: V, options?: Options] : [variables: V, options?: Options]

/** Returns the text of a document. Loads the package `graphql` only if the document is a syntax tree. */
export async function textOf(document: string | TypedDocument<unknown, never>): Promise<string> {
  if (typeof document === 'string' || !('kind' in document)) return String(document)
  const { print } = await import('graphql')
  return print(document as Parameters<typeof print>[0])
}
