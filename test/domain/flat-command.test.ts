import { commandOf, flatPointer, payloadMembers } from '../../src/domain/flat-command'
import { inputs } from './given'

const days = { expires_in_days: 7 }
const owner = { mentor_id: 'mentor_002', organisation_id: null }

test.each([
  ['the payload itself', 'CalculateRequested', ['payload']],
  ['the members of an optional payload', 'ShareRequested', ['expires_in_days', 'show_organisation']],
  ['a member named after the event', 'ReassignRequested', ['reassign']],
  ['nothing', 'ResetRequested', []],
] as const)('beside `event`, a flat command has %s: %s', (_, event, names) => {
  expect(Object.keys(payloadMembers(event))).toEqual(names)
})

test.each([
  ['stays', { event: 'CalculateRequested', payload: inputs }, { event: 'CalculateRequested', payload: inputs }],
  ['gets optional members', { event: 'ShareRequested', ...days }, { event: 'ShareRequested', payload: days }],
  ['keeps its nulls', { event: 'ReassignRequested', reassign: owner }, { event: 'ReassignRequested', payload: owner }],
  ['may be empty', { event: 'ReassignRequested', reassign: {} }, { event: 'ReassignRequested', payload: {} }],
  ['is omitted if it is null', { event: 'ReassignRequested', reassign: null }, { event: 'ReassignRequested' }],
  [
    'does not hide a stray payload',
    { event: 'ShareRequested', payload: inputs, ...days },
    { event: 'ShareRequested', payload: { ...inputs, ...days } },
  ],
])('the payload %s', (_, flat, body) => {
  expect(commandOf(flat)).toEqual(body)
})

test.each([
  { event: 'ResetRequested', ...days },
  { event: 'ShareRequested', reassign: owner },
  { event: 'Slept', ...days },
])('members for another event stay outside the payload: %j', flat => {
  expect(commandOf(flat)).toEqual(flat)
})

test.each([
  ['CalculateRequested', '/payload/period/to', '/payload/period/to'],
  ['ShareRequested', '/payload/expires_in_days', '/expires_in_days'],
  ['ShareRequested', '/payload/sessions', '/payload/sessions'],
  ['ShareRequested', '/payload', '/payload'],
  ['ReassignRequested', '/payload', '/reassign'],
  ['ReassignRequested', '/payload/mentor_id', '/reassign/mentor_id'],
  ['ReassignRequested', '/payload/mentor_ids', '/payload/mentor_ids'],
  ['ResetRequested', '/event', '/event'],
] as const)('a fault of %s at %s is at %s of the flat command', (event, pointer, flat) => {
  expect(flatPointer(event, pointer)).toBe(flat)
})
