import * as documents from '../../../dashboard/src/capabilities/search/documents'
import { searchDe } from '../../../dashboard/src/capabilities/search/words/de'
import { searchEn } from '../../../dashboard/src/capabilities/search/words/en'
import { searchFr } from '../../../dashboard/src/capabilities/search/words/fr'
import type { DashboardCapability } from '../../support/view'

declare module '../../support/view' {
  interface Words {
    search: ReturnType<typeof searchEn>
  }
}

export const dashboard: DashboardCapability = {
  documents,
  words: {
    en: () => ({ search: searchEn() }),
    de: () => ({ search: searchDe() }),
    fr: () => ({ search: searchFr() }),
  },
  views: [
    {
      name: 'search',
      async open({ url }, open, words) {
        const page = await open(url)
        await page.locator('.rows [data-id]').first().waitFor()
        await page.getByRole('combobox', { name: words.search.label }).fill('t')
        await page.getByRole('listbox').getByRole('option').first().waitFor()
        return page
      },
    },
    {
      name: 'start-suggestions',
      async open({ url }, open, words) {
        const page = await open(url)
        await page.locator('.rows [data-id]').first().waitFor()
        await page.getByRole('button', { name: words.start.open }).click()
        await page.getByLabel(words.mentor, { exact: true }).pressSequentially('mentor')
        await page.getByRole('dialog').getByRole('option').first().waitFor()
        await page.keyboard.press('ArrowDown')
        return page
      },
    },
  ],
}
