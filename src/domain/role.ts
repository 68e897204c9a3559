import { z } from 'zod'
import { roles } from './caller'

/** Separate from the roles themselves, because the dashboard uses them without zod. */
export const roleSchema = z.enum(roles)
