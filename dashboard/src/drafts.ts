import type { Values } from './inputs'
import { caller } from './sign-in/caller'

/** Unsaved input for a session. */
export interface Draft {
  values: Values
  /** Values that the input started from, and their session version. */
  base: Base
}

export interface Base {
  values: Values
  version: number
}

/** Maximum number of drafts, the most recently edited ones. They are stored per user, in this tab only. */
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
    // Storage may be full or denied. Then a draft lasts only as long as its form.
  }
}

const others = (id: string): [string, Draft][] => read().filter(([of]) => of !== id)

export const draftOf = (id: string): Draft | null => read().find(([of]) => of === id)?.[1] ?? null
export const keepDraft = (id: string, draft: Draft): void => write([...others(id), [id, draft]])
export const forgetDraft = (id: string): void => write(others(id))
