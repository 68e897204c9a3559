// The instructions of a Dockerfile, as far as this project's own uses the language. What it does not know it refuses.
import { readFileSync } from 'node:fs'

const known = [
  'FROM',
  'WORKDIR',
  'COPY',
  'RUN',
  'ENV',
  'VOLUME',
  'USER',
  'EXPOSE',
  'STOPSIGNAL',
  'HEALTHCHECK',
  'ENTRYPOINT',
]

/** The stages, each with its instructions in order: `{from, as, steps: [{instruction, text}]}`. */
export function stagesOf(file) {
  const lines = readFileSync(file, 'utf8').split('\n')
  const text = lines
    .filter(line => !line.startsWith('#'))
    .join('\n')
    .replaceAll('\\\n', ' ')
  const stages = []
  for (const line of text.split('\n').filter(line => line.trim() !== '')) {
    const [, instruction, rest] = /^([A-Z]+) +(.*)$/.exec(line) ?? []
    if (!known.includes(instruction)) throw new Error(`${file} has an instruction that is not known here: ${line}`)
    if (instruction !== 'FROM') stages.at(-1).steps.push({ instruction, text: rest.trim() })
    else {
      const [from, , as] = rest.split(/ +/)
      stages.push({ from, as, steps: [] })
    }
  }
  return stages
}

/** What is sent to the builder: all is ignored but the names that are excepted, which is how this project's file is written. */
export function contextOf(ignoreFile) {
  const [all, ...names] = readFileSync(ignoreFile, 'utf8').trim().split('\n')
  if (all !== '*' || !names.every(name => /^![\w.-]+$/.test(name))) {
    throw new Error(`${ignoreFile} is not a * and what is excepted from it`)
  }
  return names.map(name => name.slice(1))
}
