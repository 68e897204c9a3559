import { type DocumentNode, getOperationAST, Kind, type SelectionSetNode } from 'graphql'

const known = new WeakMap<DocumentNode, Map<string, string>>()

/**
 * Returns the type and the root field of an operation, such as `query session`, or `mutation several` for several root
 * fields. Telemetry uses this name, because the number of names that clients invent has no bound.
 */
export function operationNameOf(document: DocumentNode, operationName: string | null | undefined): string {
  const names = known.get(document) ?? new Map<string, string>()
  known.set(document, names)
  const key = operationName ?? ''
  const name = names.get(key) ?? nameOf(document, operationName)
  names.set(key, name)
  return name
}

/** Returns whether a document may show a share or a shared result. Searches its text for the names of those fields. */
export const mayShowShare = ({ loc }: DocumentNode): boolean =>
  /\b(?:shares?|sharedResult)\b/.test(loc?.source.body ?? 'share')

function nameOf(document: DocumentNode, operationName: string | null | undefined): string {
  const operation = getOperationAST(document, operationName)
  if (!operation) return ''
  const [field, ...others] = rootFields(document, operation.selectionSet)
  if (others.length > 0) return `${operation.operation} several`
  return `${operation.operation} ${field?.replace(/^__.*/, 'introspection')}`
}

function rootFields(document: DocumentNode, { selections }: SelectionSetNode): Set<string> {
  const fields = selections.flatMap((selection): string[] => {
    if (selection.kind === Kind.FIELD) return [selection.name.value]
    const spread =
      selection.kind === Kind.INLINE_FRAGMENT
        ? selection
        : document.definitions.find(
            definition =>
              definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === selection.name.value,
          )
    return spread && 'selectionSet' in spread && spread.selectionSet
      ? [...rootFields(document, spread.selectionSet)]
      : []
  })
  return new Set(fields)
}
