import { ModernFakeTimers } from '@jest/fake-timers'
import NodeEnvironment from 'jest-environment-node'
import { ModuleMocker } from 'jest-mock'

const { process: realProcess, console: realConsole } = globalThis
const realExit = realProcess.exit

/**
 * Runs suites in the global scope of the worker, so that they can share loaded modules (runtime.ts). Loading the
 * application takes longer than most suites. After a suite, its changes to `process.env`, mocks, fake timers and the
 * console are undone. All other changes stay.
 */
export default class SharedEnvironment extends NodeEnvironment {
  #env = { ...process.env }

  constructor(...args: ConstructorParameters<typeof NodeEnvironment>) {
    super(...args)
    const [{ projectConfig }] = args
    this.global = globalThis as unknown as typeof this.global
    this.moduleMocker = new ModuleMocker(globalThis)
    this.fakeTimersModern = new ModernFakeTimers({ config: projectConfig, global: globalThis })
  }

  override async teardown(): Promise<void> {
    this.fakeTimersModern?.dispose()
    this.moduleMocker?.restoreAllMocks()
    realProcess.exit = realExit
    globalThis.console = realConsole
    for (const name of Object.keys(process.env)) if (!(name in this.#env)) delete process.env[name]
    Object.assign(process.env, this.#env)
  }
}
