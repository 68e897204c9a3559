// This folder has the imports of many sessions, and the command that sends a file. The rules for a single start are in
// `sessions` and `domain`.

import type { Capability } from '../../capability'
import { ImportResolver } from './graphql'
import { Imports, RunningImports } from './imports'
import { importViews } from './pages'
import { importResources } from './rest'

declare module '../../use-cases' {
  interface UseCases {
    import: Imports
  }
}

/** Starts the sessions of a whole file. */
export const importing: Capability = {
  name: 'import',
  resources: importResources,
  resolvers: [ImportResolver],
  views: importViews,
  open({ log }) {
    const running = new RunningImports(log)
    return {
      of: (_caller, { sessions }) => new Imports(sessions, running),
      measured: ['run', 'startAll'],
      stop: () => running.stop(),
    }
  },
}
