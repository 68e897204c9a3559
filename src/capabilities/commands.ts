import type { Command } from '../command'
import { importCommand } from './import/command'

/** The commands of all capabilities. They have a list of their own, so that the command line does not load the capabilities. */
export const capabilityCommands: Command[] = [importCommand]
