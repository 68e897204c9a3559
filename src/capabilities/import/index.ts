import type { Capability } from '../../capability'
import { Imports, RunningImports } from './imports'
import { importResources } from './rest'

declare module '../../use-cases' {
  interface UseCases {
    imports: Imports
  }
}

/** Starts the sessions of a whole file. */
export const importing: Capability = {
  name: 'imports',
  resources: importResources,
  open({ log }) {
    const running = new RunningImports(log)
    return {
      of: (_caller, { sessions }) => new Imports(sessions, running),
      measured: ['import'],
      stop: () => running.stop(),
    }
  },
}
