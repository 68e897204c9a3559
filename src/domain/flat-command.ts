import type { z } from 'zod'
import { isNullable, unwrapped } from './schema-parts'
import { payloadSchemas, type SessionEvent, sessionEvents } from './session'
import { snake } from './text'

// GraphQL clients and assistants send the commands for all events as one input type, which cannot be a union. Such
// commands are flat: each event's payload has fields of its own beside `event`.

/**
 * Name of the payload's field in a flat command, such as `reassign` for ReassignRequested. Returns undefined if the
 * payload is optional, because the fields of an optional payload are directly beside `event`.
 */
export function payloadMember(event: SessionEvent): string | undefined {
  if (isNullable(payloadSchemas[event])) return undefined
  return event === 'CalculateRequested' ? 'payload' : snake(event.replace(/Requested$/, ''))
}

export function payloadMembers(event: SessionEvent): Record<string, z.ZodType> {
  const name = payloadMember(event)
  return name === undefined ? shapeOf(event) : { [name]: payloadSchemas[event] }
}

const shapeOf = (event: SessionEvent): Record<string, z.ZodType> =>
  (unwrapped(payloadSchemas[event]) as z.ZodObject<Record<string, z.ZodType>>).shape

/**
 * Converts a flat command to a request body. A field that is null counts as omitted. Fields for other events stay
 * beside `event`, where `parseCommand` refuses them.
 */
export function commandOf({ event, payload, ...beside }: Record<string, unknown>): Record<string, unknown> {
  const known = sessionEvents.find(name => name === event)
  const given = Object.entries(beside).filter(([, value]) => value != null)
  const isOwn = ([name]: [string, unknown]): boolean =>
    known !== undefined && Object.hasOwn(payloadMembers(known), name)
  const own = given.filter(isOwn)
  const others = Object.fromEntries(given.filter(member => !isOwn(member)))
  if (known === undefined || own.length === 0) return { event, payload: payload ?? undefined, ...others }
  const inner = payloadMember(known) === undefined ? Object.fromEntries(own) : own[0]?.[1]
  return { event, payload: { ...Object(payload), ...Object(inner) }, ...others }
}

/** Converts a JSON Pointer for a request body to the corresponding pointer for the flat command. */
export function flatPointer(event: SessionEvent, pointer: string): string {
  const own = payloadMember(event)
  const isMember = Object.keys(shapeOf(event)).some(name => `${pointer}/`.startsWith(`/payload/${name}/`))
  const isMoved = isMember || (own !== undefined && pointer === '/payload')
  return isMoved ? pointer.replace('/payload', own === undefined ? '' : `/${own}`) : pointer
}
