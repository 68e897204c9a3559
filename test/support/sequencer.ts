import Sequencer from '@jest/test-sequencer'

/** Suites that mostly wait for a time limit. Their small files would otherwise run last, one after the other. */
const waiting = /slow-readers|deadline|failover|instances|in-flight|late[.]gate|sign-in[.]gate/

/** Runs the suites that wait before the others, so that other suites use the processor meanwhile. */
export default class WaitingFirst extends Sequencer {
  override async sort(tests: Parameters<Sequencer['sort']>[0]) {
    const rank = ({ path }: { path: string }): number => Number(waiting.test(path))
    return [...(await super.sort(tests))].sort((a, b) => rank(b) - rank(a))
  }
}
