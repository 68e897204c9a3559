import { readSetting, saveSetting } from './browser-settings'
import { Store } from './store'

const key = 'financial year starts'
const april = 4

export const monthNumbers = Array.from({ length: 12 }, (_, i) => i + 1)

/** First month of the user's financial year, from 1 to 12. Stored in this browser. */
export const yearStart = new Store(monthNumbers.find(month => String(month) === readSetting(key)) ?? april)

export function setYearStart(month: number): void {
  yearStart.set(month)
  saveSetting(key, String(month))
}
