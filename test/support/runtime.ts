import { createRequire, isBuiltin } from 'node:module'
import { join, sep } from 'node:path'
import { compileFunction, constants } from 'node:vm'
import JestRuntime from 'jest-runtime'
import SharedEnvironment from './environment'

const tests = join(__dirname, '..') + sep

/** The parts of Jest's internals that this file uses. */
interface Executor {
  injectedModuleParameters: string[]
  compile(source: string, filename: string): unknown
}

/**
 * Runs the compiled CommonJS, whose types `tsc` has checked. Jest's transforms compile again in each worker, and Jest runs
 * ES modules only with an experimental flag. `jest-light-runner` has no time-out per test. `executor.compile` is internal
 * to Jest: if it changes, every suite fails.
 *
 * Loads a suite and its support modules anew, and everything else once per worker, by Node.js itself. A suite that
 * needs its own modules says `@jest-environment node` in its first comment.
 *
 * Jest's own runtime also passes, with NODE_OPTIONS=--experimental-vm-modules, but it loads the application for each
 * suite. That costs half a second of CPU (20 suites on Node.js 26 took 21 s instead of 11), over two minutes for all
 * suites, and `npm test` needs six minutes of CPU without it. So on two cores it would exceed its limit of four
 * minutes.
 */
export default class SharedRuntime extends JestRuntime {
  readonly #isShared: boolean

  constructor(...args: ConstructorParameters<typeof JestRuntime>) {
    super(...args)
    const [, environment] = args
    this.#isShared = environment instanceof SharedEnvironment
    if (!this.#isShared) return
    const { executor } = this as unknown as { executor: Executor }
    executor.compile = (source, filename) =>
      compileFunction(source, executor.injectedModuleParameters, {
        filename,
        importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
      })
  }

  override requireModuleOrMock<T>(from: string, name: string): T {
    if (!this.#isShared || !from.startsWith(tests)) return super.requireModuleOrMock(from, name)
    const require = createRequire(from)
    if (isBuiltin(name)) return require(name)
    const path = require.resolve(name)
    return path.startsWith(tests) ? super.requireModuleOrMock(from, name) : require(path)
  }
}
