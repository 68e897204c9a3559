import {
  type ASTVisitor,
  type DocumentNode,
  type FloatValueNode,
  GraphQLError,
  type IntValueNode,
  Kind,
  Lexer,
  parse,
  type SelectionNode,
  type SelectionSetNode,
  Source,
  type Token,
  TokenKind,
  type ValidationContext,
  type ValidationRule,
} from 'graphql'
import { isExact, maxNesting } from '../http/json'
import type { Cost } from './cost'

/** Maximum size in bytes of a request body or a WebSocket message. */
export const graphqlBodyBytes = 64 * 1024

/** Maximum nesting depth of fields. `maxNesting` is not enough: fragment spreads nest fields without brackets. */
export const maxDepth = 15

/** Maximum number of aliases per operation, and of tokens per document. */
export const maxAliases = 30
export const maxTokens = 2_000

/** Limits per document. GraphQL's validation compares all pairs of fields that have the same name. */
export const maxFieldsOfOneName = 100
export const maxFragments = 50

/** Maximum length of an alias in characters. The response repeats an alias as often as the aliased field occurs. */
const maxAliasLength = 100

/** Maximum number of objects and of values in an operation's response, assuming that all lists are full. */
export const maxObjects = 10_000
export const maxValues = 400_000

/** Maximum objects per subscription message, and in the sum of a connection's largest possible messages. */
export const maxMessageObjects = 2_000

const opening = new Set<TokenKind>([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L])
const closing = new Set<TokenKind>([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R])

/** Stops at `maxNesting` levels of brackets, before the parser's recursion overflows the stack. */
class NestingLexer extends Lexer {
  #level = 0

  override advance(): Token {
    const token = super.advance()
    if (closing.has(token.kind)) this.#level--
    else if (opening.has(token.kind) && ++this.#level > maxNesting) {
      const message = `Syntax Error: The document is nested more than ${maxNesting} levels deep.`
      throw new GraphQLError(message, { source: this.source, positions: [token.start] })
    }
    return token
  }
}

/** Throws a GraphQLError for a syntax error, too many tokens or too many nested brackets. */
export function parseDocument(text: string): DocumentNode {
  const source = new Source(text)
  return parse(source, { maxTokens, lexer: new NestingLexer(source) })
}

export const limitRules: ValidationRule[] = [
  boundedOperations,
  exactNumbers,
  limitAliasLength,
  limitEqualNames,
  limitFragments,
  unconditionalSubscriptions,
  refuseIncrementalDelivery,
]

interface Extent {
  /** Nesting depth of the operation's fields, not counting fields below `__schema`. */
  depth: number
  aliases: number
}

/** The aliases of a fragment count each time that the fragment is spread. */
function boundedOperations(context: ValidationContext): ASTVisitor {
  const extents = new Map<string, Extent>()

  function ofSelections({ selections }: SelectionSetNode): Extent {
    const extent = { depth: 0, aliases: 0 }
    for (const selection of selections) {
      const { depth, aliases } = ofSelection(selection)
      extent.depth = Math.max(extent.depth, depth)
      extent.aliases += aliases
    }
    return extent
  }

  function ofSelection(selection: SelectionNode): Extent {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return ofFragment(selection.name.value)
    const inner = selection.selectionSet ? ofSelections(selection.selectionSet) : { depth: 0, aliases: 0 }
    if (selection.kind === Kind.INLINE_FRAGMENT) return inner
    const isIntrospection = selection.name.value === '__schema'
    return { depth: isIntrospection ? 0 : inner.depth + 1, aliases: inner.aliases + (selection.alias ? 1 : 0) }
  }

  function ofFragment(name: string): Extent {
    const known = extents.get(name)
    if (known) return known
    // Stop the recursion if a fragment spreads itself. Another validation rule refuses documents with circular
    // fragments.
    extents.set(name, { depth: 0, aliases: 0 })
    const fragment = context.getFragment(name)
    const extent = fragment ? ofSelections(fragment.selectionSet) : { depth: 0, aliases: 0 }
    extents.set(name, extent)
    return extent
  }

  return {
    OperationDefinition({ selectionSet }) {
      const { depth, aliases } = ofSelections(selectionSet)
      if (depth > maxDepth)
        context.reportError(new GraphQLError(`Query depth limit of ${maxDepth} exceeded: found ${depth}.`))
      if (aliases > maxAliases)
        context.reportError(new GraphQLError(`Alias limit of ${maxAliases} exceeded: found ${aliases}.`))
    },
  }
}

function limitAliasLength(context: ValidationContext): ASTVisitor {
  return {
    Field({ alias }) {
      if (!alias || alias.value.length <= maxAliasLength) return
      context.reportError(new GraphQLError(`This alias is longer than ${maxAliasLength} characters.`, { nodes: alias }))
    },
  }
}

function limitEqualNames(context: ValidationContext): ASTVisitor {
  const alike = new Map<string, number>()
  return {
    Field({ alias, name }) {
      const { value } = alias ?? name
      const count = (alike.get(value) ?? 0) + 1
      alike.set(value, count)
      if (count !== maxFieldsOfOneName + 1) return
      context.reportError(
        new GraphQLError(`The document has more than ${maxFieldsOfOneName} fields with the name ${value}.`),
      )
    },
  }
}

function limitFragments(context: ValidationContext): ASTVisitor {
  return {
    Document({ definitions }) {
      const fragments = definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION)
      if (fragments.length <= maxFragments) return
      context.reportError(new GraphQLError(`The document has more than ${maxFragments} fragments.`))
    },
  }
}

/**
 * Refuses @skip and @include on a subscription's root field. A subscription must have exactly one root field for all
 * values of its variables (https://spec.graphql.org/draft/#sec-Single-Root-Field).
 */
function unconditionalSubscriptions(context: ValidationContext): ASTVisitor {
  const refuseConditions = ({ selections }: SelectionSetNode, seen: Set<string>): void => {
    for (const selection of selections) {
      const condition = selection.directives?.find(({ name }) => name.value === 'skip' || name.value === 'include')
      if (condition) {
        const message = `@${condition.name.value} is not allowed on the root field of a subscription.`
        context.reportError(new GraphQLError(message, { nodes: condition }))
      }
      if (selection.kind === Kind.INLINE_FRAGMENT) refuseConditions(selection.selectionSet, seen)
      if (selection.kind !== Kind.FRAGMENT_SPREAD || seen.has(selection.name.value)) continue
      seen.add(selection.name.value)
      const fragment = context.getFragment(selection.name.value)
      if (fragment) refuseConditions(fragment.selectionSet, seen)
    }
  }
  return {
    OperationDefinition({ operation, selectionSet }) {
      if (operation === 'subscription') refuseConditions(selectionSet, new Set())
    },
  }
}

/** Refuses @defer and @stream. Unlike GraphQL's own error "Unknown directive", this error says what to do instead. */
function refuseIncrementalDelivery(context: ValidationContext): ASTVisitor {
  return {
    Directive(node) {
      const name = node.name.value
      if (name !== 'defer' && name !== 'stream') return
      const message = `@${name} is not supported. Leave it out, and request these fields in a separate operation.`
      context.reportError(new GraphQLError(message, { nodes: node }))
    },
  }
}

/** Numbers in JSON bodies that a double would round are refused too. */
function exactNumbers(context: ValidationContext): ASTVisitor {
  const judge = (node: IntValueNode | FloatValueNode): void => {
    if (isExact(node.value)) return
    context.reportError(new GraphQLError('This number has too many digits to be read exactly.', { nodes: node }))
  }
  return { IntValue: judge, FloatValue: judge }
}

export function costRefusal({ objects, values, isMessage }: Cost): GraphQLError | undefined {
  if (!(values <= maxValues))
    return validationError(
      `This operation can return ${values} values, but the maximum is ${maxValues}. Request smaller pages or fewer fields.`,
    )
  const most = isMessage ? maxMessageObjects : maxObjects
  if (!(objects <= most))
    return validationError(
      `This operation can return ${objects} objects, but the maximum is ${most}. Request smaller pages or fewer lists.`,
    )
  return undefined
}

export const validationError = (message: string): GraphQLError =>
  new GraphQLError(message, { extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } })
