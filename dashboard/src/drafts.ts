import type { FieldValues } from './inputs'
import { caller } from './sign-in/caller'
import { locale } from './words'

export interface Draft {
  values: FieldValues
  /** The initial values of the form, and the session version that they come from. */
  base: DraftBase
}

export interface DraftBase {
  values: FieldValues
  version: number
}

/**
 * Maximum number of drafts per user. The least recently edited drafts are dropped first. Drafts are stored only for the
 * current browser tab. A draft stores numbers as the user typed them, so it is restored only in the same locale.
 */
const maxDrafts = 20

const key = (): string => `drafts ${locale} ${caller.value.by ?? ''}`

function read(): [string, Draft][] {
  try {
    return JSON.parse(sessionStorage.getItem(key()) ?? '[]')
  } catch {
    return []
  }
}

function write(drafts: [string, Draft][]): void {
  try {
    if (drafts.length > 0) sessionStorage.setItem(key(), JSON.stringify(drafts.slice(-maxDrafts)))
    else sessionStorage.removeItem(key())
  } catch {
    // If the browser's storage is full or inaccessible, a draft is lost when its form is closed.
  }
}

const others = (id: string): [string, Draft][] => read().filter(([of]) => of !== id)

export const readDraft = (id: string): Draft | null => read().find(([of]) => of === id)?.[1] ?? null
export const saveDraft = (id: string, draft: Draft): void => write([...others(id), [id, draft]])
export const deleteDraft = (id: string): void => write(others(id))
