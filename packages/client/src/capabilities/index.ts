// To remove a capability, delete its folder and its lines in this folder's files.
export type * from './search/index.js'
export type * from './totals/index.js'
