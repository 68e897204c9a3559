import type { Values } from './inputs'
import { caller } from './sign-in/caller'

/** What was typed for a session and not saved. */
export interface Draft {
  values: Values
  /** What the form held before, and the version of the session that this was of. */
  base: Base
}

export interface Base {
  values: Values
  version: number
}

/** So many are kept, those typed last, in this tab and for who typed them. */
const draftsKept = 20

const key = (): string => `drafts ${caller.value.by ?? ''}`

function read(): [string, Draft][] {
  try {
    return JSON.parse(sessionStorage.getItem(key()) ?? '[]')
  } catch {
    return []
  }
}

function write(drafts: [string, Draft][]): void {
  try {
    if (drafts.length > 0) sessionStorage.setItem(key(), JSON.stringify(drafts.slice(-draftsKept)))
    else sessionStorage.removeItem(key())
  } catch {
    // Storage may be full or denied: then a draft lasts as long as its form.
  }
}

const others = (id: string): [string, Draft][] => read().filter(([of]) => of !== id)

export const draftOf = (id: string): Draft | null => read().find(([of]) => of === id)?.[1] ?? null
export const keepDraft = (id: string, draft: Draft): void => write([...others(id), [id, draft]])
export const forgetDraft = (id: string): void => write(others(id))
