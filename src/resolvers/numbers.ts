import { type FloatValueNode, GraphQLError, type IntValueNode, type ValidationRule } from 'graphql'
import { isExact } from '../http/json'

/** Refuses a number in a document that would be rounded, as one in a JSON body is. */
export const exactNumbersRule: ValidationRule = context => {
  const judge = (node: IntValueNode | FloatValueNode): void => {
    if (isExact(node.value)) return
    context.reportError(
      new GraphQLError('A number here must be one that can be read exactly as it is written.', { nodes: node }),
    )
  }
  return { IntValue: judge, FloatValue: judge }
}
