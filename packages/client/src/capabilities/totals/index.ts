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
export type { FindResult, GroupPage } from './calls.js'
export type { AllGroupsOptions, FindOptions, FollowSummaryOptions, ListGroupsOptions, TrendOptions } from './options.js'

declare module '../../client.js' {
  interface SessionsClient extends TotalsCalls {}
}
