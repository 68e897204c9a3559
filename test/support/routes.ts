import * as fc from 'fast-check'
import { isAmountField, orderFields, stableStates } from '../../dashboard/src/route'

// Arbitrary parts of a dashboard route, for properties.

export const name = fc.string({ minLength: 1, maxLength: 200, unit: 'grapheme' })
export const order = fc.record({ by: fc.constantFrom(...orderFields), descending: fc.boolean() }).chain(order =>
  isAmountField(order.by)
    ? fc.option(fc.constantFrom('GBP', 'EUR', null), { nil: undefined }).map(currency => ({
        ...order,
        ...(currency !== undefined && { currency }),
      }))
    : fc.constant(order),
)
const month = fc
  .tuple(fc.integer({ min: 0, max: 9_999 }), fc.integer({ min: 1, max: 12 }))
  .map(([year, month]) => `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}`)
const months = fc
  .record({ from: month, to: month }, { requiredKeys: [] })
  .filter(({ from, to }) => Boolean(from ?? to) && (!from || !to || from <= to))
export const filter = fc
  .record(
    {
      organisationId: name,
      withoutOrganisation: fc.constant(true as const),
      mentorId: name,
      state: fc.constantFrom(...stableStates),
      months,
    },
    { requiredKeys: [] },
  )
  .filter(({ organisationId, withoutOrganisation }) => !(organisationId && withoutOrganisation))
/** Splits an address into its path and its query. */
export const split = (address: string): [string, string] => {
  const [path = '', search = ''] = address.split('?')
  return [path, search && `?${search}`]
}
