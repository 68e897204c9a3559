/** Returns the number format of amounts in a currency. If the currency is unknown, amounts have no symbol. */
export const moneyFormat = (
  locales: readonly string[],
  currency?: string | null,
  options: Intl.NumberFormatOptions = {},
): Intl.NumberFormat =>
  new Intl.NumberFormat(locales, {
    ...(currency ? { style: 'currency', currency } : { minimumFractionDigits: 2 }),
    maximumFractionDigits: 2,
    ...options,
  })
