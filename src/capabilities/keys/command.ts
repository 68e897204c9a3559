import type { Subcommand } from '../../subcommand'

export const createKeyCommand: Subcommand = {
  name: 'key create',
  usage: 'key create --name NAME --role ROLE [--organisation ID] [--mentor ID] [--expires DATE]',
  explanation:
    'creates a service key in the store (MONGODB_URI or DATA_FILE) of a server with AUTH_KEYS=stored, and prints the key',
  // Load the command's implementation only if the command runs.
  run: async (args, env) => (await import('./create-key.js')).createKey(args, env),
}
