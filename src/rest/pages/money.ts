/** How amounts of a currency are written; those of none where it is not known. */
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
