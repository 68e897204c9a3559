import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  getVariableValues,
  isCompositeType,
  isIntrospectionType,
  isLeafType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  type SelectionNode,
  type SelectionSetNode,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
  type ValueNode,
  valueFromAST,
} from 'graphql'
import type { Price } from '../resolvers/price'

/** Number of response values that cost as much as one object. */
const valuesAnObject = 50

/** Upper bound on the size of an operation's response: the response's size if all its lists are full. */
export interface Cost {
  /**
   * Number of sessions, transitions and results in the response's lists, plus the weights of other reads. A response
   * costs at least one object per `valuesAnObject` values. An introspection query costs 0 objects, because it reads no
   * stored data.
   */
  objects: number
  /** Number of scalars and enum values in the response. */
  values: number
  isMessage?: boolean
}

export interface RequestedOperation {
  document: DocumentNode
  definition: OperationDefinitionNode
  variables?: Record<string, unknown> | null | undefined
}

/**
 * Returns the cost of an operation in a valid document, and whether the cost is the same for all variables. The cost of
 * a subscription is the cost of one message. Throws if the cost can't be calculated. The package
 * graphql-query-complexity (1.1) is not used, because it accepts operations whose cost can't be calculated, and
 * calculates a negative cost from a negative `first`.
 */
export function costOf(schema: GraphQLSchema, requested: RequestedOperation): { cost: Cost; isConstant: boolean } {
  const { operation, selectionSet } = requested.definition
  const root = schema.getRootType(operation)
  if (!root) throw new Error(`the schema has no ${operation}`)
  const estimate = new Estimate(schema, requested)
  const { objects, values } = estimate.of(selectionSet, root, undefined)
  // An operation with invalid variables costs nothing, because its execution only reports the errors and runs no
  // resolver.
  const cost = estimate.hasInvalidVariables
    ? { objects: 0, values: 0 }
    : {
        objects: objects && Math.max(objects, Math.floor(values / valuesAnObject)),
        values,
        isMessage: operation === 'subscription',
      }
  return { cost, isConstant: estimate.isConstant }
}

class Estimate {
  hasInvalidVariables = false
  readonly #fragments = new Map<string, FragmentDefinitionNode>()
  readonly #fragmentCosts = new Map<string, Cost>()
  #coerced: Record<string, unknown> | undefined
  #sizes: Sizes | undefined

  constructor(
    readonly schema: GraphQLSchema,
    readonly request: RequestedOperation,
  ) {
    for (const definition of request.document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) this.#fragments.set(definition.name.value, definition)
    }
  }

  /** Whether the cost was calculated without reading a variable. */
  get isConstant(): boolean {
    return this.#coerced === undefined
  }

  of({ selections }: SelectionSetNode, type: GraphQLCompositeType, page: number | undefined): Cost {
    let [objects, values] = [0, 0]
    for (const selection of selections) {
      if (selection.directives?.some(directive => this.#excludes(directive))) continue
      const cost = this.#ofSelection(selection, type, page)
      objects += cost.objects
      values += cost.values
    }
    return { objects, values }
  }

  #ofSelection(selection: SelectionNode, type: GraphQLCompositeType, page: number | undefined): Cost {
    if (selection.kind === Kind.FIELD) return this.#ofField(selection, type, page)
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      const { typeCondition, selectionSet } = selection
      return this.of(selectionSet, typeCondition ? this.#composite(typeCondition.name.value) : type, page)
    }
    // Compute each fragment's cost only once, because nested fragments would otherwise take exponential time.
    const name = selection.name.value
    const key = `${name} ${page}`
    const known = this.#fragmentCosts.get(key)
    if (known) return known
    const fragment = this.#fragments.get(name)
    if (!fragment) throw new Error(`fragment ${name} is not defined`)
    const cost = this.of(fragment.selectionSet, this.#composite(fragment.typeCondition.name.value), page)
    this.#fragmentCosts.set(key, cost)
    return cost
  }

  #composite(name: string): GraphQLCompositeType {
    const type = this.schema.getType(name)
    if (!isCompositeType(type)) throw new Error(`${name} has no fields`)
    return type
  }

  #ofField(node: FieldNode, type: GraphQLCompositeType, page: number | undefined): Cost {
    const field = this.#field(type, node.name.value)
    const { part = false, size, most, mostWith, weight: own = 0, weights } = this.#priceOf(field)
    const weight = own + this.#ofArguments(node, weights)
    const limit =
      mostWith && most && this.#isGiven(node, mostWith)
        ? most
        : this.#limit(field, node, most ?? Number.POSITIVE_INFINITY)
    const isList = isListType(getNullableType(field.type))
    const argument = size === 'argument' ? this.#argumentLength(field, node) : undefined
    const count = isList ? ({ limit, page, argument }[String(size)] ?? size) : 1
    if (typeof count !== 'number') throw new Error(`${type.name}.${field.name} is a list without a stated size`)
    const named = getNamedType(field.type)
    if (isLeafType(named) || !node.selectionSet) return { objects: weight, values: count }
    const each = this.of(node.selectionSet, named as GraphQLCompositeType, limit)
    const objects = !isList || part ? each.objects : count * Math.max(1, each.objects)
    return { objects: weight + objects, values: count * each.values }
  }

  /** The price of an introspection list is taken from the size of the schema. */
  #priceOf({ name, type, extensions }: GraphQLField<unknown, unknown>): Price {
    if (isIntrospectionType(getNamedType(type)) && isListType(getNullableType(type))) {
      this.#sizes ??= sizesOf(this.schema)
      return { size: this.#sizes[name] ?? this.#sizes.most, part: true }
    }
    return (extensions.price as Price | undefined) ?? {}
  }

  #field(type: GraphQLCompositeType, name: string): GraphQLField<unknown, unknown> {
    const own = 'getFields' in type ? type.getFields()[name] : undefined
    const field = own ?? metaFields.find(meta => meta.name === name)
    if (!field) throw new Error(`${type.name} has no field ${name}`)
    return field
  }

  /** Clamped to the range from 1 to `most`. The resolvers refuse a page size outside this range. */
  #limit(field: GraphQLField<unknown, unknown>, node: FieldNode, most: number): number | undefined {
    const argument = field.args.find(({ name }) => name === 'first' || name === 'last')
    if (!argument) return undefined
    const literal = node.arguments?.find(({ name }) => name.value === argument.name)?.value
    const value = literal && valueFromAST(literal, argument.type, literal.kind === Kind.VARIABLE ? this.#values() : {})
    return Math.min(Math.max(1, Number(value ?? argument.defaultValue)), most)
  }

  /** Returns 0 if the argument's value is invalid, because no resolver runs in that case. */
  #argumentLength(field: GraphQLField<unknown, unknown>, node: FieldNode): number {
    const argument = field.args.find(({ type }) => isListType(getNullableType(type)))
    const literal = node.arguments?.find(({ name }) => name.value === argument?.name)?.value
    const value = argument && literal && valueFromAST(literal, argument.type, this.#values())
    return Array.isArray(value) ? value.length : 0
  }

  #ofArguments(node: FieldNode, weights: Record<string, number> = {}): number {
    if (!node.arguments?.length) return 0
    return Object.entries(weights).reduce((sum, [path, weight]) => sum + (this.#isGiven(node, path) ? weight : 0), 0)
  }

  /** Whether the operation sets an argument, or a field of an argument, to a value other than null. */
  #isGiven({ arguments: given = [] }: FieldNode, path: string): boolean {
    const [first, ...members] = path.split('.')
    let value: ValueNode | undefined = given.find(({ name }) => name.value === first)?.value
    while (value?.kind === Kind.OBJECT && members.length > 0) {
      const member = members.shift()
      value = value.fields.find(({ name }) => name.value === member)?.value
    }
    if (value?.kind !== Kind.VARIABLE) return value !== undefined && value.kind !== Kind.NULL
    let coerced = this.#values()[value.name.value]
    for (const member of members) coerced = (coerced as Record<string, unknown> | null | undefined)?.[member]
    return coerced != null
  }

  #excludes({ name, arguments: given = [] }: DirectiveNode): boolean {
    const condition = given[0]?.value
    if (condition === undefined || (name.value !== 'skip' && name.value !== 'include')) return false
    const value =
      condition.kind === Kind.VARIABLE
        ? this.#values()[condition.name.value]
        : condition.kind === Kind.BOOLEAN && condition.value
    return value === (name.value === 'skip')
  }

  #values(): Record<string, unknown> {
    if (this.#coerced) return this.#coerced
    const definitions = this.request.definition.variableDefinitions ?? []
    const { coerced, errors } = getVariableValues(this.schema, definitions, this.request.variables ?? {})
    this.hasInvalidVariables = errors !== undefined
    this.#coerced = coerced ?? {}
    return this.#coerced
  }
}

const metaFields = [SchemaMetaFieldDef, TypeMetaFieldDef, TypeNameMetaFieldDef]

interface Sizes {
  [list: string]: number
  most: number
}

function sizesOf(schema: GraphQLSchema): Sizes {
  const types = Object.values(schema.getTypeMap())
  const directives = schema.getDirectives()
  const members = types.map(type => ('getFields' in type ? Object.keys(type.getFields()).length : 0))
  const values = types.map(type => ('getValues' in type ? type.getValues().length : 0))
  const most = Math.max(...members, ...values, directives.length)
  const taking = [directives, ...types.filter(isObjectType).map(type => Object.values(type.getFields()))]
  const parameters = taking.map(taking => taking.reduce((sum, { args }) => sum + args.length, 0))
  return {
    types: types.length,
    // Introspection lists arguments below fields or directives, and each list of fields or directives counts as `most`
    // elements. `args` times `most` is therefore an upper bound on the number of arguments that introspection lists for
    // one type or for all directives together.
    args: Math.max(1, Math.ceil(Math.max(...parameters) / most)),
    interfaces: 1,
    most,
  }
}
