import { fencesOf } from '../support/fences'

/** One block of a quickstart, as its page says what to do with it. */
export type Step =
  | { kind: 'run' | 'background' | 'server'; code: string }
  | { kind: 'file'; name: string; code: string }
  /** What the block before it prints or, with `later`, what the background block prints next. */
  | { kind: 'output'; format: 'json' | 'text'; later: boolean; text: string }
  | { kind: 'skip'; code: string; reason: string }

const commands = { sh: 'run', 'sh background': 'background', 'sh server': 'server' } as const
const outputs = new Map([
  ['json', { format: 'json', later: false }],
  ['text', { format: 'text', later: false }],
  ['json background', { format: 'json', later: true }],
  ['text background', { format: 'text', later: true }],
] as const)

/** Returns why the whole page is not run: the HTML comment below its title. Undefined if there is none. */
export const reasonToSkip = (page: string): string | undefined => /^# [^\n]+\n+<!--\s*(.*?)\s*-->/s.exec(page)?.[1]

/** Returns the blocks of a quickstart, in order. Throws an error for a block that the test could not run or compare. */
export function stepsOf(page: string): Step[] {
  const steps: Step[] = []
  for (const { info, body, before } of fencesOf(page)) {
    const last = steps.at(-1)
    const [, reason] = /<!--\s*((?:(?!-->).)*?)\s*-->\s*$/s.exec(before) ?? []
    const [, name] = /Save this as `([^`]+)`[^\n]*:\s*$/.exec(before) ?? []
    const output = outputs.get(info as 'json')
    if (reason !== undefined) steps.push({ kind: 'skip', code: body, reason: reason.replace(/\s+/g, ' ') })
    else if (name !== undefined) steps.push({ kind: 'file', name, code: body })
    else if (info in commands) steps.push({ kind: commands[info as keyof typeof commands], code: body })
    else if (output && last?.kind === 'skip') continue
    else if (output && (output.later || last?.kind === 'run' || last?.kind === 'background'))
      steps.push({ kind: 'output', ...output, text: body })
    else
      throw new Error(
        `This block is no command, no file and no output of the block before it. A comment above it (<!-- … -->) may say why it is not run:\n${body}`,
      )
  }
  return steps
}
