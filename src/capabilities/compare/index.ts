import type { Capability } from '../../capability'
import { compareViewPaths } from './pages'

export const compare: Capability = { name: 'compare', viewPaths: compareViewPaths }
