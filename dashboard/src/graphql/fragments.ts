/** Optional inputs that describe the numbers of a calculation. */
export const detailsFragment = 'fragment Details on CalculationInputValues { label currency period { from to } }'
