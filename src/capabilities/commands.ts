import type { Subcommand } from '../subcommand'
import { importCommand } from './import/command'
import { createKeyCommand } from './keys/command'

/** In its own file, so that the command line can read the list without loading the capabilities. */
export const capabilityCommands: Subcommand[] = [importCommand, createKeyCommand]
