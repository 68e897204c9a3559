import { type DocumentNode, getOperationAST, Kind, type SelectionSetNode } from 'graphql'
import type { Callers, UseCases } from '../use-cases'
import type { Documents, Parameters } from './documents'

/** What anybody may ask for: the token of a share's link is the permission, and the schema is a description. */
const openFields = new Set(['sharedResult', '__schema', '__type', '__typename'])

/**
 * The use cases of whom a field Authorization names. Whom nobody knows here, or who has no role, may ask for what is open to
 * all, as the issuer may be out of reach for that; for anything else, and where what he asks for can't be told, he is refused.
 */
export function useCasesOf(
  callers: Callers,
  documents: Documents,
  authorization: string | undefined,
  parameters: () => Promise<Parameters | undefined>,
): UseCases | Promise<UseCases> {
  const found = callers.of(authorization)
  if (!(found instanceof Promise)) return found
  return found.catch(async error => {
    if (await asksForWhatIsOpen(documents, parameters).catch(() => false)) return callers.anyone
    throw error
  })
}

async function asksForWhatIsOpen(
  documents: Documents,
  parameters: () => Promise<Parameters | undefined>,
): Promise<boolean> {
  const asked = await parameters()
  const document = asked && (await documents.valid(asked.query))
  if (!document || Array.isArray(document)) return false
  const operation = getOperationAST(document, asked.operationName)
  return operation !== null && operation !== undefined && isOpen(document, operation.selectionSet)
}

/** A document that is valid has no fragments in circles. */
const isOpen = (document: DocumentNode, { selections }: SelectionSetNode): boolean =>
  selections.every(selection => {
    if (selection.kind === Kind.FIELD) return openFields.has(selection.name.value)
    if (selection.kind === Kind.INLINE_FRAGMENT) return isOpen(document, selection.selectionSet)
    const fragment = document.definitions.find(
      definition => definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === selection.name.value,
    )
    return fragment?.kind === Kind.FRAGMENT_DEFINITION && isOpen(document, fragment.selectionSet)
  })
