import { parseCommand } from '../../src/domain/decide'
import { DomainError } from '../../src/domain/errors'
import { snakeMembers } from '../../src/resolvers/names'
import { commandWith, errorWith } from '../../src/resolvers/session'
import { inputs } from '../support/inputs'

/** Returns the pointers of the faults of a command whose payload is in this member. */
function faults(member: string, command: { [member: string]: unknown }): unknown {
  try {
    return parseCommand(snakeMembers(commandWith(member, command)))
  } catch (error) {
    const shown = errorWith(member, error)
    return shown instanceof DomainError ? shown.facts.errors?.map(({ pointer }: { pointer: string }) => pointer) : shown
  }
}

const event = 'CalculateRequested'

test('the payload of an event is read from its member', () => {
  expect(faults('someInputs', { event, someInputs: inputs })).toEqual({ event, payload: inputs })
  expect(faults('payload', { event, payload: inputs })).toEqual({ event, payload: inputs })
})

test('a fault of a payload points to its member', () => {
  expect(faults('someInputs', { event, someInputs: { ...inputs, sessions: -1 } })).toEqual(['/some_inputs/sessions'])
  expect(faults('someInputs', { event })).toEqual(['/some_inputs'])
})

test('the payload of another event is refused under its own name', () => {
  expect(faults('someInputs', { event, someInputs: inputs, payload: {} })).toEqual(['/payload'])
  expect(faults('payload', { event, payload: inputs, someInputs: {} })).toEqual(['/some_inputs'])
})
