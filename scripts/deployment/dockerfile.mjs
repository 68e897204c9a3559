// Parses the subset of the Dockerfile language that this project uses. Throws if a Dockerfile has any other
// instruction.
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

/** Returns a Dockerfile's stages with their instructions in order: `{from, as, steps: [{instruction, text}]}`. */
export function stagesOf(file) {
  const lines = readFileSync(file, 'utf8').split('\n')
  const text = lines
    .filter(line => !line.startsWith('#'))
    .join('\n')
    .replaceAll('\\\n', ' ')
  const stages = []
  for (const line of text.split('\n').filter(line => line.trim() !== '')) {
    const [, instruction, rest] = /^([A-Z]+) +(.*)$/.exec(line) ?? []
    if (!known.includes(instruction)) throw new Error(`${file} has an unsupported instruction: ${line}`)
    if (instruction !== 'FROM') stages.at(-1).steps.push({ instruction, text: rest.trim() })
    else {
      const [from, , as] = rest.split(/ +/)
      stages.push({ from, as, steps: [] })
    }
  }
  return stages
}

/**
 * Returns the names of the files and folders in the build context. The ignore file must ignore everything and then
 * re-include names.
 */
export function contextOf(ignoreFile) {
  const [all, ...names] = readFileSync(ignoreFile, 'utf8').trim().split('\n')
  if (all !== '*' || !names.every(name => /^![\w.-]+$/.test(name))) {
    throw new Error(`${ignoreFile} must have * first, and then only exceptions`)
  }
  return names.map(name => name.slice(1))
}
