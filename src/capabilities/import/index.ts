// This folder contains the operations that start many sessions at once, and the command that imports a file. The rules
// for starting a single session are in `sessions` and `domain`.

import type { Capability } from '../../capability'
import { EmbeddedImports } from './embedded'
import { ImportResolver } from './graphql'
import { Imports, RunningImports } from './imports'
import { MongoImports } from './mongo'
import { importViewPaths } from './pages'
import { importResources } from './rest'

declare module '../../use-cases' {
  interface UseCases {
    import: Imports
  }
}

export const importing: Capability = {
  name: 'import',
  store: () => ({
    mongo: connection => new MongoImports(connection),
    embedded: core => new EmbeddedImports(core),
  }),
  resources: importResources,
  resolvers: [ImportResolver],
  viewPaths: importViewPaths,
  open({ log }) {
    const running = new RunningImports(log)
    return {
      of: (_caller, { sessions }) => new Imports(sessions, running),
      stop: () => running.stop(),
    }
  },
}
