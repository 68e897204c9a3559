import { compareButton } from '../../../dashboard/src/capabilities/compare/words/button'
import { compareDe } from '../../../dashboard/src/capabilities/compare/words/de'
import { compareEn } from '../../../dashboard/src/capabilities/compare/words/en'
import { compareFr } from '../../../dashboard/src/capabilities/compare/words/fr'
import type { Grammar } from '../../../dashboard/src/words/grammar'
import type { DashboardCapability } from '../../support/view'

const en = (grammar: Grammar) => ({ ...compareButton.en(grammar), ...compareEn(grammar) })

declare module '../../support/view' {
  interface Words {
    compare: ReturnType<typeof en>
  }
}

export const dashboard: DashboardCapability = {
  words: {
    en: grammar => ({ compare: en(grammar) }),
    de: grammar => ({ compare: { ...compareButton.de(grammar), ...compareDe(grammar) } }),
    fr: grammar => ({ compare: { ...compareButton.fr(grammar), ...compareFr(grammar) } }),
  },
  views: [
    {
      name: 'compare',
      async open({ url, session, disputed, failed, euro }, open) {
        const page = await open(`${url}/compare?ids=${[session, disputed, failed, euro].join()}`)
        await page.locator('.compare .difference').first().waitFor()
        return page
      },
    },
  ],
}
