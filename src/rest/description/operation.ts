import type { z } from 'zod'
import type { ErrorCode } from '../../domain/errors'
import type { Method } from '../resource'
import type { BodyName } from './schemas'

/** A response to a successful request, or a 304. */
export interface ResponseDescription {
  description: string
  /** Schema of the body, if it is JSON. */
  body?: BodyName
  example?: unknown
  /** Other media types of the body, each with an optional example. */
  also?: Record<string, string | undefined>
  headers?: string[]
  /** Operations that continue from this body, each with its parameters and the members that supply their values. */
  links?: Record<string, Record<string, string>>
}

export interface OperationDescription {
  id: string
  tag: string
  summary: string
  description: string
  /** A public operation: it requires no token. */
  isOpen?: boolean
  query?: z.ZodObject
  headers?: string[]
  takes?: { body: BodyName | 'Command'; examples: Record<string, unknown> }
  answers: Record<number, ResponseDescription>
  /** Error codes that are HTML pages for browsers. */
  pages?: ErrorCode[]
  /** Error codes of this operation, without those that every request may get. */
  problems: ErrorCode[]
}

/** Operations by path and method. */
export type OperationDescriptions = Record<string, Partial<Record<Method, OperationDescription>>>

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
