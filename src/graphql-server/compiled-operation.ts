import {
  type DocumentNode,
  type FieldNode,
  type GraphQLSchema,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type OperationTypeNode,
  type SelectionSetNode,
  visit,
} from 'graphql'
import { type Cost, costOf } from './cost'

/** Estimated memory in bytes of a parsed document per token, including the AST nodes. */
const tokenBytes = 500

/** Root fields of introspection queries, which only describe the schema. */
const introspectionFields = ['__schema', '__type', '__typename']

export class OperationSchema {
  readonly publicFields: ReadonlySet<string>
  /** Fields that can return a link's secret token. */
  readonly linkFields: ReadonlySet<string>

  constructor(readonly graphql: GraphQLSchema) {
    this.publicFields = new Set([...introspectionFields, ...fieldsWith(graphql, 'isPublic')])
    this.linkFields = new Set(fieldsWith(graphql, 'showsLink'))
  }
}

/** An operation of a valid document, with everything about it that depends neither on variables nor on the caller. */
export class CompiledOperation {
  readonly type: OperationTypeNode
  /**
   * Name for telemetry: the operation's type and root field, such as `query session`, or `mutation several` if there are
   * several root fields. Not the client's own operation name, because clients can invent any number of names.
   */
  readonly name: string
  readonly isPublic: boolean
  /** Whether the document names a field that can return a link's secret token, so that the response may contain it. */
  readonly mayShowLink: boolean
  /** Whether the document selects a field named `result` (see `Context.selectsResult`). */
  readonly selectsResult: boolean
  /**
   * Names of the operation's variables. Omits the variable for the argument `after` of a subscription if the document
   * uses the variable only there, because `after` only determines where the subscription starts.
   */
  readonly groupVariables: readonly string[]
  /** Estimated memory in bytes, including the document. */
  readonly bytes: number
  readonly #constantCost: Cost | undefined

  constructor(
    readonly schema: OperationSchema,
    readonly text: string,
    readonly document: DocumentNode,
    readonly definition: OperationDefinitionNode,
  ) {
    const { operation, selectionSet, variableDefinitions = [] } = definition
    const fields = [...rootFields(document, selectionSet)]
    this.type = operation
    this.name = `${operation} ${fields.length > 1 ? 'several' : fields[0]?.replace(/^__.*/, 'introspection')}`
    this.isPublic = fields.every(field => schema.publicFields.has(field))
    const names = new Set<string>()
    visit(document, { Field: ({ name }: FieldNode) => void names.add(name.value) })
    this.mayShowLink = [...schema.linkFields].some(name => names.has(name))
    this.selectsResult = names.has('result')
    const cursor = operation === 'subscription' ? cursorVariable(document, definition) : undefined
    this.groupVariables = variableDefinitions.map(({ variable }) => variable.name.value).filter(name => name !== cursor)
    this.bytes = tokensOf(document) * tokenBytes + 2 * text.length
    const { cost, isConstant } = costOf(schema.graphql, { document, definition, variables: {} })
    if (isConstant) this.#constantCost = cost
  }

  /** Returns the operation's cost. Calculates it for each request only if it depends on variables. */
  cost(variables: Record<string, unknown> | null | undefined): Cost {
    if (this.#constantCost) return this.#constantCost
    const { document, definition } = this
    return costOf(this.schema.graphql, { document, definition, variables }).cost
  }
}

function tokensOf({ loc }: DocumentNode): number {
  let tokens = 0
  for (let token = loc?.startToken; token; token = token.next ?? undefined) tokens++
  return tokens
}

/** The recursion ends, because a valid document has no circular fragments. */
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

function cursorVariable(document: DocumentNode, { selectionSet }: OperationDefinitionNode): string | undefined {
  const [field] = selectionSet.selections
  if (field?.kind !== Kind.FIELD) return undefined
  const after = field.arguments?.find(argument => argument.name.value === 'after')?.value
  if (after?.kind !== Kind.VARIABLE) return undefined
  const name = after.name.value
  let uses = 0
  visit(document, {
    Variable(node, _key, parent) {
      const isDefinition = parent && 'kind' in parent && parent.kind === Kind.VARIABLE_DEFINITION
      if (node.name.value === name && !isDefinition) uses++
    },
  })
  return uses === 1 ? name : undefined
}

const fieldsWith = (schema: GraphQLSchema, extension: string): string[] =>
  Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .flatMap(type => Object.values(type.getFields()))
    .flatMap(({ name, extensions }) => (extensions[extension] ? [name] : []))
