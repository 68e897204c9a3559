import type { Capability } from '../../capability'
import { compareViewPaths } from './pages'

/** Compares results in the dashboard. */
export const compare: Capability = { name: 'compare', viewPaths: compareViewPaths }
