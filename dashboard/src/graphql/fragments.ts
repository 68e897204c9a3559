/** Optional inputs that describe a calculation: its label, currency and period. */
export const detailsFragment = 'fragment Details on CalculationInputValues { label currency period { from to } }'
