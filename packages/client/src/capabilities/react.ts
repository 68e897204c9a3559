export * from './totals/react.js'
