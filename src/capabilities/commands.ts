import type { Command } from '../command'
import { importCommand } from './import/command'

/** Commands of all capabilities, in a list of their own so that the command line need not load the capabilities. */
export const capabilityCommands: Command[] = [importCommand]
