import { type DomainError, type ErrorCode, type Facts, type Fault, messageOf } from '../domain/errors'
import { camel, constant } from './names'

/** JSON Pointers to nested GraphQL arguments, keyed by the REST query parameters that they correspond to. */
const argumentMembers: Record<string, string> = { from: '/filter/months/from', to: '/filter/months/to' }

/** A REST query parameter becomes a GraphQL argument, and a header becomes a member of the input. */
function translated({ detail, pointer, parameter, header }: Fault): Fault {
  if (pointer !== undefined) return { detail, pointer: camel(pointer) }
  if (parameter !== undefined) return { detail, pointer: argumentMembers[parameter] ?? `/${camel(parameter)}` }
  return header === undefined ? { detail } : { detail, pointer: `/${camel(header.toLowerCase().replaceAll('-', '_'))}` }
}

/** Translations of an error's facts to GraphQL: camelCase pointers, and enum values for events and states. */
const translations: { [member: string]: (value: never) => unknown } = {
  errors: (faults: Fault[]) => faults.map(translated),
  event: constant,
  current_state: constant,
  allowed_events: (events: string[]) => events.map(constant),
}

export function translatedError(error: DomainError): { message: string; code: string; facts: Record<string, unknown> } {
  // GraphQL has no query parameters. If the GraphQL schema accepts an argument that the domain refuses, the code is
  // VALIDATION_FAILED.
  const code: ErrorCode = error.code === 'invalid_query' ? 'validation_failed' : error.code
  const facts = Object.entries(error.facts).map(
    ([name, value]) => [name, (translations[name] ?? (same => same))(value as never)] as const,
  )
  return {
    message: error.ownMessage ?? messageOf(code, Object.fromEntries(facts) as unknown as Facts[typeof code]),
    code: constant(code),
    facts: Object.fromEntries(facts.map(([name, value]) => [camel(name), value])),
  }
}
