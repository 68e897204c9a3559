import type { Command } from '../command'
import { importCommand } from './import/command'

/** Commands of all capabilities. In a separate list, so that the command line does not load the capabilities. */
export const capabilityCommands: Command[] = [importCommand]
