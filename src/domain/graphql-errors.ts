import { z } from 'zod'
import { faultSchema, row } from './error-table'

/**
 * Error codes of the GraphQL specification and of Apollo Server, in lower case. Only the GraphQL interface sends these
 * codes. `status` is the HTTP status of a response with the media type `application/graphql-response+json`.
 */
export const graphqlErrors = {
  graphql_parse_failed: row({
    status: 400,
    message: () => 'Syntax Error: Expected Name, found <EOF>.',
    title: 'The document has a syntax error',
    when: 'The document in `query` is not GraphQL. `locations` says where parsing failed. If the response is `application/json`, its status is 200.',
    remedy: 'Correct the document.',
  }),
  bad_request: row({
    status: 422,
    message: () => 'The body must be a JSON object with the member `query`.',
    title: 'The request has no valid parameters',
    when: 'The request is not one GraphQL operation: `query` is missing, a parameter has a wrong type, or the body has several operations. If the response is `application/json`, its status is 400.',
    remedy:
      'Send one JSON object with `query`, and if needed `operationName` (a string), `variables` and `extensions` (objects).',
  }),
  graphql_validation_failed: row({
    status: 422,
    message: () => 'Cannot query field "names" on type "Session". Did you mean "state"?',
    title: 'The document is not valid',
    when: 'The document does not match the schema, or it is too deep, too long or too costly. If the response is `application/json`, its status is 200.',
    remedy:
      'Compare the document with the schema, or request smaller pages and fewer fields. `message` says what is wrong.',
  }),
  bad_user_input: row({
    status: 422,
    facts: z.object({ errors: z.array(faultSchema) }),
    message: () => 'Variable "$id" of required type "ID!" was not provided.',
    title: 'A variable is not valid',
    when: 'A variable or an argument is missing, or has a value of the wrong type. If the response is `application/json`, its status is 200.',
    remedy: 'Correct every value in `errors`. Each `pointer` is a JSON Pointer into the input.',
    example: { errors: [{ detail: 'is required', pointer: '/id' }] },
  }),
  operation_resolution_failure: row({
    status: 422,
    message: () => "Set `operationName` to the name of one of the document's operations.",
    title: 'No operation is selected',
    when: 'The document has several operations and `operationName` selects none of them, or a persisted query does not match its hash. If the response is `application/json`, its status is 400.',
    remedy: "Set `operationName` to the name of one of the document's operations, or send the hash of this document.",
  }),
  persisted_query_not_found: row({
    status: 422,
    message: () => 'PersistedQueryNotFound',
    title: 'The persisted query is not known',
    when: 'The request has only the hash of a document, and this process does not have that document. If the response is `application/json`, its status is 200.',
    remedy: 'Send the document together with its hash. Apollo Client does this automatically.',
  }),
}
export type GraphqlErrorCode = keyof typeof graphqlErrors

export const graphqlErrorCodes = Object.keys(graphqlErrors) as GraphqlErrorCode[]
