import type { TotalsCalls } from './calls.js'

export type {
  Amounts,
  Group,
  GroupField,
  GroupOrder,
  MinuteCount,
  Month,
  StateCount,
  Summary,
  SummaryAt,
} from '../../schema.js'
export type { GroupPage } from './calls.js'
export type { AllGroupsOptions, FollowSummaryOptions, ListGroupsOptions, TrendOptions } from './options.js'

declare module '../../client.js' {
  interface SessionsClient extends TotalsCalls {}
}
