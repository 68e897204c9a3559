import type { Document } from 'mongodb'
import { type Outputs, outputsThatMayBeNull, type UndefinedReason } from '../../domain/calculator'
import { firstKeyOf, type MethodKey, methodKeyOf, methods } from '../../domain/methods'
import type { Result } from '../../domain/session'
import { timestamp } from '../../domain/timestamp'
import { upcastResult } from '../upcasting'
import { inputsDocument, inputsOf, outputPositions, type Packed, packed, unpacked } from './packed'

export interface ResultDocument {
  id: string
  at: Date
  in: Packed
  /** Outputs. An undefined output is stored as the reason why it is undefined. */
  out: Packed
  /** Key in `methods` of the first entry with this method, or both texts if no entry has this method and caveat. */
  m: number | Pick<Result, 'method' | 'caveat'>
  /**
   * Key in `methods` of the entry with this method and caveat, if it differs from `m`. Version 1.0.0 ignores this
   * field, and shows the first caveat instead.
   */
  k?: number
  /** Fields of the result that this program version does not know. */
  more?: object
}

function methodFields(method: string, caveat: string): Pick<ResultDocument, 'm' | 'k'> {
  const key = methodKeyOf(method, caveat)
  if (key === undefined) return { m: { method, caveat } }
  const first = firstKeyOf(methods[key].method)
  return key === first ? { m: key } : { m: first, k: key }
}

export function resultDocument(result: Result): ResultDocument {
  const { result_id, inputs, outputs, method, caveat, computed_at, ...more } = result
  const { undefined_because, ...figures } = outputs
  const reasons = Object.fromEntries((undefined_because ?? []).map(({ output, reason }) => [output, reason]))
  return {
    id: result_id,
    at: new Date(computed_at),
    in: inputsDocument(inputs),
    out: packed(outputPositions, { ...figures, ...reasons }),
    ...methodFields(method, caveat),
    ...(Object.keys(more).length > 0 && { more }),
  }
}

export function resultOf({ id, at, in: inputs, out, m, k, more }: ResultDocument): Result {
  const known = k ?? m
  const outputs = unpacked(outputPositions, out)
  const undefined_because: Outputs['undefined_because'] = []
  for (const output of outputsThatMayBeNull) {
    const reason = outputs[output]
    if (typeof reason !== 'string') continue
    undefined_because.push({ output, reason: reason as UndefinedReason })
    outputs[output] = null
  }
  return upcastResult({
    result_id: id,
    inputs: inputsOf(inputs),
    outputs: { ...outputs, undefined_because } as Outputs,
    ...(typeof known === 'number' ? methods[known as MethodKey] : known),
    computed_at: timestamp(at),
    ...more,
  })
}

/** MongoDB expression for the results whose ids another expression yields. */
export const resultsOf = (ids: Document | string): Document => ({
  $filter: { input: '$results', cond: { $in: ['$$this.id', ids] } },
})

export const resultIdField = 'results.id'
export const resultTimeField = 'results.at'
