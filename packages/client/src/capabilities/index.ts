// To take a capability out, delete its folder, and its lines in the files of this folder.
export type * from './totals/index.js'
