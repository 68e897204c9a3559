// Installs the third-party tools of all checks. Without this script, each check installs its own tools. Run it in the
// background while something else takes time.
import { join } from 'node:path'
import { install } from './api/tools.mjs'
import { kinds, kindsHere } from './clients/tools.mjs'
import { environment } from './python.mjs'

await Promise.all([
  install(),
  environment('deployment', join(import.meta.dirname, 'deployment', 'requirements.txt')),
  ...kindsHere().map(kind => kinds[kind].install()),
])
