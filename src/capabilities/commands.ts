import type { Subcommand } from '../subcommand'
import { importCommand } from './import/command'

/**
 * Commands of all capabilities. They are listed separately, so that the command line can read them without loading the
 * capabilities.
 */
export const capabilityCommands: Subcommand[] = [importCommand]
