import { withFragments } from '../../../../packages/client/src/fragments.js'

export const summarySubscription =
  withFragments(`subscription Summary($filter: SessionFilter) { summary(filter: $filter) { summary {
  sessions states { state count } amounts { ...Amounts } } } }`)
