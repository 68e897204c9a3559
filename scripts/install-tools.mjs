// Installs the foreign tools of all checks at once, which each check does for itself otherwise: for when something else is waited for.
import { join } from 'node:path'
import { install } from './api/tools.mjs'
import { kinds, kindsHere } from './clients/tools.mjs'
import { environment } from './python.mjs'

await Promise.all([
  install(),
  environment('deployment', join(import.meta.dirname, 'deployment', 'requirements.txt')),
  ...kindsHere().map(kind => kinds[kind].install()),
])
