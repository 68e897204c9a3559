import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** An endpoint of the contract, with its published example of request and response. */
export interface Endpoint {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  path: '' | '/:session_id'
  summary: string
  access: string
  request?: Record<string, unknown>
  response: Record<string, unknown>
}

export interface Contract {
  base_path: string
  listed_path: string
  endpoints: Endpoint[]
}

const root = join(__dirname, '../../..')
const name = 'benefit-calculator-sessions.json'

/** Paths of the published contract, if it is beside the checkout, and of its copy in the repository. */
export const published = join(root, '../shared/contract', name)
export const copy = join(root, 'test/contract', name)

export const contract = JSON.parse(readFileSync(existsSync(published) ? published : copy, 'utf8')) as Contract

export function endpoint(method: Endpoint['method'], path: Endpoint['path']): Endpoint {
  const found = contract.endpoints.find(e => e.method === method && e.path === path)
  if (!found) throw new Error(`the contract has no ${method} ${path || '/'}`)
  return found
}
