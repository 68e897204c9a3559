// Installs the foreign tools of all checks at once. Otherwise each check installs its own. Run it while you wait for
// something else.
import { join } from 'node:path'
import { install } from './api/tools.mjs'
import { kinds, kindsHere } from './clients/tools.mjs'
import { environment } from './python.mjs'

await Promise.all([
  install(),
  environment('deployment', join(import.meta.dirname, 'deployment', 'requirements.txt')),
  ...kindsHere().map(kind => kinds[kind].install()),
])
