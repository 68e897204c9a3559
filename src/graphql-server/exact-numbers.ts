import { type FloatValueNode, GraphQLError, type IntValueNode, type ValidationRule } from 'graphql'
import { isExact } from '../http/json'

/** Refuses number literals that would be rounded. JSON bodies have the same rule. */
export const exactNumbersRule: ValidationRule = context => {
  const judge = (node: IntValueNode | FloatValueNode): void => {
    if (isExact(node.value)) return
    context.reportError(new GraphQLError('This number has too many digits to be read exactly.', { nodes: node }))
  }
  return { IntValue: judge, FloatValue: judge }
}
