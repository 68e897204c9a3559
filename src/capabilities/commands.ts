import type { Subcommand } from '../subcommand'
import { importCommand } from './import/command'

/**
 * Subcommands of all capabilities. The list of subcommands has its own file, so that the command line can read it
 * without loading the capabilities.
 */
export const capabilityCommands: Subcommand[] = [importCommand]
