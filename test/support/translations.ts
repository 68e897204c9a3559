import type { Page } from 'playwright-core'
import type { Language } from '../../dashboard/src/words/language'
import { dashboardCapabilities } from '../capabilities/dashboard'
import type { View } from './view'
import { wordsOf } from './views'

export const others = { de: 'de-DE', fr: 'fr-FR' } satisfies Partial<Record<Language, string>>
type Other = keyof typeof others

/** Returns the plain texts of a catalogue by their paths. */
export const textsOf = (of: object, place = ''): [string, string][] =>
  Object.entries(of).flatMap(([name, value]): [string, string][] =>
    typeof value === 'string'
      ? [[place + name, value]]
      : typeof value === 'object'
        ? textsOf(value, `${place}${name}.`)
        : [],
  )

/** Words that are the same in two languages. */
export const loanwords: Record<Other, string[]> = {
  de: ['direction', 'organisation', 'state', 'calculator.optional', ...loanwordsOfCapabilities('de')],
  fr: ['direction', 'mentor', 'organisation', 'list.columns.ratio', 'menu.open', ...loanwordsOfCapabilities('fr')],
}

function loanwordsOfCapabilities(language: Other): string[] {
  return dashboardCapabilities.flatMap(({ loanwords }) => loanwords?.[language] ?? [])
}

/** Returns the visible and the spoken texts of a page, without user-given names and code. */
const readOn = (page: Page) =>
  page.evaluate(`(() => {
    const read = []
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT)
    for (let node = walker.currentNode; node; node = walker.nextNode()) {
      const element = node.parentElement?.closest('bdi, code, script, noscript, [data-id] a, h1 bdi')
      if (element) continue
      if (node.nodeType === 3) read.push(node.data)
      else for (const name of ['aria-label', 'title', 'placeholder', 'alt']) read.push(node.getAttribute(name) ?? '')
    }
    return [document.title, ...read].map(text => text.trim()).filter(Boolean)
  })()`) as Promise<string[]>

/** Words that occur in no sentence of another language here. */
const englishWords = /\b(the|of|this|and|with|from|your|for|to|session|calculation)\b/i

/** Whether the page is the dashboard's own. A shared page shows what its sharer wrote. */
export const isOfDashboard = ({ name }: View): boolean => !name.startsWith('shared')

/** Returns the texts of a page that are still in English. */
export async function untranslatedIn(page: Page, language: Other): Promise<string[]> {
  const plain = textsOf(wordsOf('en-GB'))
    .filter(([place]) => !loanwords[language].includes(place))
    .map(([, text]) => text)
  return (await readOn(page)).filter(text => plain.includes(text) || englishWords.test(text))
}
