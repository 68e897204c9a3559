import type { z } from 'zod'
import type { ErrorCode } from '../../domain/errors'
import type { Method } from '../resource'
import type { BodyName } from './schemas'

/** What is answered when all goes well, or when nothing has changed. */
export interface DescribedAnswer {
  description: string
  /** The body's schema, where it is JSON. */
  body?: BodyName
  example?: unknown
  /** Other media types that the body may have, with examples. */
  also?: Record<string, string | undefined>
  headers?: string[]
  /** The operations that the body leads to: their parameters, and the members that these are. */
  links?: Record<string, Record<string, string>>
}

export interface DescribedOperation {
  id: string
  tag: string
  summary: string
  description: string
  /** It is open to all, also where tokens are asked for. */
  isOpen?: boolean
  query?: z.ZodObject
  headers?: string[]
  takes?: { body: BodyName | 'Command'; examples: Record<string, unknown> }
  answers: Record<number, DescribedAnswer>
  /** Those of its problems that are pages for browsers. */
  pages?: ErrorCode[]
  /** What it may refuse with, beyond what any request may be refused with. */
  problems: ErrorCode[]
}

/** Operations by path and method. */
export type DescribedOperations = Record<string, Partial<Record<Method, DescribedOperation>>>

export const bodyProblems: ErrorCode[] = [
  'invalid_json',
  'payload_too_large',
  'unsupported_media_type',
  'validation_failed',
]
export const keyProblems: ErrorCode[] = ['request_in_flight', 'idempotency_key_reused']
export const storeProblems: ErrorCode[] = ['unavailable']
export const sessionProblems: ErrorCode[] = ['session_not_found', ...storeProblems]

export const alsoHtml = { 'text/html': undefined }
