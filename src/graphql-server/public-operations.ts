import { type DocumentNode, getOperationAST, Kind, type SelectionSetNode } from 'graphql'
import type { Callers, UseCases } from '../use-cases'
import type { Documents, Parameters } from './documents'

/**
 * Public root fields. The token in a share link is itself the permission, and introspection only describes the schema.
 */
const publicFields = new Set(['sharedResult', '__schema', '__type', '__typename'])

/**
 * Returns the use cases of the caller that the Authorization header names. If authentication fails (invalid token, no
 * role, issuer unavailable), an operation of public fields only still runs. Any other request throws that error.
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
    if (await isPublicOperation(documents, parameters).catch(() => false)) return callers.anyone
    throw error
  })
}

async function isPublicOperation(
  documents: Documents,
  parameters: () => Promise<Parameters | undefined>,
): Promise<boolean> {
  const asked = await parameters()
  const document = asked && (await documents.valid(asked.query))
  if (!document || Array.isArray(document)) return false
  const operation = getOperationAST(document, asked.operationName)
  return operation !== null && operation !== undefined && isPublic(document, operation.selectionSet)
}

/**
 * Returns whether all root fields are public. The recursion ends because a valid document has no circular fragments.
 */
const isPublic = (document: DocumentNode, { selections }: SelectionSetNode): boolean =>
  selections.every(selection => {
    if (selection.kind === Kind.FIELD) return publicFields.has(selection.name.value)
    if (selection.kind === Kind.INLINE_FRAGMENT) return isPublic(document, selection.selectionSet)
    const fragment = document.definitions.find(
      definition => definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === selection.name.value,
    )
    return fragment?.kind === Kind.FRAGMENT_DEFINITION && isPublic(document, fragment.selectionSet)
  })
