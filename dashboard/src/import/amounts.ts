const currencies = new Set(Intl.supportedValuesOf('currency'))
export const isCurrency = (code: string): boolean => currencies.has(code)

/** How a currency is written beside its amounts. */
function signsOf(currency: string): Set<string> {
  const found = known.get(currency)
  if (found) return found
  const displays = ['code', 'symbol', 'narrowSymbol'] as const
  const signs = displays.flatMap(currencyDisplay =>
    ['en-GB', 'de', 'fr'].map(locale => {
      const format = new Intl.NumberFormat(locale, { style: 'currency', currency, currencyDisplay })
      return format.formatToParts(1).find(({ type }) => type === 'currency')?.value ?? currency
    }),
  )
  const made = new Set(signs)
  known.set(currency, made)
  return made
}

const known = new Map<string, Set<string>>()

/** What is left of an amount without the sign of its currency beside it; null where the sign is another's. */
export function amountIn(currency: string, text: string): string | null {
  const [written, ...more] = text.match(/[\p{L}\p{Sc}]+/gu) ?? []
  if (written === undefined || more.length > 0) return text
  const left = text.replace(written, '').replace(/^-\s+/, '-').trim()
  if (!isCurrency(currency)) return /^\p{Sc}$/u.test(written) ? left : text
  if (signsOf(currency).has(written)) return left
  return isCurrency(written) || /\p{Sc}/u.test(written) ? null : text
}
