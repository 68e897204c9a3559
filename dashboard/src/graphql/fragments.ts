/** Optional inputs of a calculation, which describe its numbers. */
export const detailsFragment = 'fragment Details on CalculationInputValues { label currency period { from to } }'
