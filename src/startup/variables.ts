import { z } from 'zod'

// Schemas of environment variables.

export const countSchema = z
  .string()
  .regex(/^[1-9]\d{0,6}$/, 'must be a whole number from 1 to 9999999')
  .transform(Number)

export const portSchema = z
  .string()
  .regex(/^\d{1,5}$/, 'must be a port number, 0 to 65535')
  .transform(Number)
  .refine(port => port <= 65_535, 'must be a port number, 0 to 65535')

export const switchSchema = (initial: 'on' | 'off') =>
  z
    .enum(['on', 'off'])
    .default(initial)
    .transform(value => value === 'on')
