import type { Subcommand } from '../../subcommand'

export const importCommand: Subcommand = {
  name: 'import',
  usage: 'import FILE.ndjson|FILE.csv [--url URL] [--dry-run]',
  explanation:
    'starts a session for each row of a file, on the server at URL (http://127.0.0.1:4000), with the token or key in BENEFIT_SESSIONS_TOKEN',
  // Load the command's implementation only if the command runs.
  run: async (args, env) => (await import('./send-file.js')).sendFile(args, env),
}
