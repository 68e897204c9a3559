import type { Page } from 'playwright-core'
import type { ViewRoute } from '../../dashboard/src/route'
import { changeRowsDe } from '../../dashboard/src/words/change-rows-de'
import { changeRowsEn } from '../../dashboard/src/words/change-rows-en'
import { changeRowsFr } from '../../dashboard/src/words/change-rows-fr'
import { de } from '../../dashboard/src/words/de'
import { en } from '../../dashboard/src/words/en'
import { fr } from '../../dashboard/src/words/fr'
import type { Grammar } from '../../dashboard/src/words/grammar'
import type { Language } from '../../dashboard/src/words/language'
import type { Clock, Server } from './server'

/**
 * A server with the sessions of a whole programme, a second server without sessions, and the sessions that the views
 * show. Capabilities add what their views show.
 */
export interface World {
  url: string
  emptyUrl: string
  /** A session with a share link, a new session, and a session with a failed calculation. */
  session: string
  fresh: string
  failed: string
  /** A session that two users change at once. */
  disputed: string
  euro: string
  shared: string
  gone: string
  end(): Promise<void>
}

/** The dashboard's texts for a language, including those that are loaded with their views. */
export const catalogues = {
  en: (grammar: Grammar) => ({ ...en(grammar), changeRows: changeRowsEn(grammar) }),
  de: (grammar: Grammar) => ({ ...de(grammar), changeRows: changeRowsDe(grammar) }),
  fr: (grammar: Grammar) => ({ ...fr(grammar), changeRows: changeRowsFr(grammar) }),
}
type CoreWords = ReturnType<(typeof catalogues)['en']>
export interface Words extends CoreWords {}

export interface View {
  name: string
  /** Part of the page that a screenshot in the docs shows. */
  screenshot?: 'visible' | 'whole'
  open(world: World, page: (url: string) => Promise<Page>, words: Words): Promise<Page>
}

export interface Added {
  world: Partial<World>
  end?(): Promise<unknown>
}

/** What the tests of the dashboard know about a capability. */
export interface DashboardCapability {
  documents?: Record<string, string>
  routes?: ViewRoute[]
  views?: View[]
  /** Waits until the page shows what the capability adds to the list. */
  listed?(page: Page): Promise<void>
  /** Texts by name, as members of `Words`. */
  words?: Record<Language, (grammar: Grammar) => Partial<Words>>
  /** Paths of texts that are the same in another language. */
  loanwords?: { de?: string[]; fr?: string[] }
  /** Adds what the views show to the server, or to a separate one. The clock returns to the present afterwards. */
  add?(to: { server: Server; clock: Clock }): Promise<Added>
}
