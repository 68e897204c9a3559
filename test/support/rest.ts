import { inputs } from './inputs'
import { base, queryOf } from './interfaces'
import { type RawAnswer, send } from './raw'
import type { Reachable } from './server'

export const json = { 'Content-Type': 'application/json' }

export const calculation = JSON.stringify({ event: 'CalculateRequested', payload: inputs })

export interface Problem {
  type: string
  title: string
  status: number
  detail: string
  code: string
  instance: string
  errors?: { detail: string; pointer?: string; parameter?: string; header?: string }[]
}

/** Returns a client that sends plain requests to a server's REST interface. */
export function client(server: Reachable, sent: typeof send = send) {
  const call = (method: string, path: string, headers: object = {}, body?: string | Buffer): Promise<RawAnswer> =>
    sent(server.url, method, path, headers, body)
  return {
    call,
    get: (path: string, headers: object = {}) => call('GET', path, headers),
    post: (path: string, body: string | Buffer, headers: object = json) => call('POST', path, headers, body),
    put: (path: string, body: string | Buffer, headers: object = json) => call('PUT', path, headers, body),
    /** Returns the number of sessions under a filter. */
    async total(filter: object = {}): Promise<number> {
      const { text } = await call('GET', `${base}?${queryOf({ ...filter, limit: 1 })}`)
      return JSON.parse(text).pagination.total
    },
    async started(mentor_id = 'mentor'): Promise<string> {
      const { text } = await call('POST', base, json, JSON.stringify({ mentor_id }))
      return `${base}/${JSON.parse(text).session_id}`
    },
    /** Starts a session with a result, and returns its path. */
    async loaded(): Promise<string> {
      const path = await this.started()
      await call('PUT', path, json, calculation)
      return path
    },
  }
}

/** Checks that a response is a problem document, and returns it. */
export function problem({ status, headers, text }: RawAnswer): Problem {
  if (headers['content-type'] !== 'application/problem+json') throw new Error(`no problem: ${status} ${text}`)
  const said = JSON.parse(text) as Problem
  if (said.status !== status) throw new Error(`the problem of a ${status} says ${said.status}`)
  return said
}

/** Returns the paths that `GET /` lists, by name. */
export const linksAt = async (url: string): Promise<Record<string, string>> =>
  JSON.parse((await client({ url }).get('/', { Accept: '*/*' })).text).links
