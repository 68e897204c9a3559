import { spawnSync } from 'node:child_process'
import { withoutFormulaGuard } from '../../src/domain/formula-guard'
import type { Command } from '../../src/domain/session'
import { inputs } from '../support/inputs'
import { base } from '../support/interfaces'
import { client } from '../support/rest'
import { serving } from '../support/server'
import { noon, secondsAfter, stored } from '../support/sessions'
import { overStores } from '../support/stores'

const hostile: [label: string, note: string][] = [
  ['=1+1', 'first\n=1+1\n\n-1'],
  ['a;=1+1', 'first;+1\n;@x'],
  ['a;"=1+1', '"\n"=1'],
  ["a;'=1+1", "it's;'=1"],
  ['a; =1+1;b', 'first; =1\n =2'],
  ['＝1+1;＠x', 'first;－1\n＋1'],
  ['"";=1', '";"\n""=1'],
]

/** Reads a file as other programs do, with a separator. Prints the cells as JSON, row by row. */
const python = `
import csv, io, json, sys
text = io.TextIOWrapper(sys.stdin.buffer, 'utf-8-sig', newline='')
print(json.dumps(list(csv.reader(text, delimiter=sys.argv[1]))))
`
function rowsByPython(text: string, separator: string): string[][] {
  const { stdout, stderr, status } = spawnSync('python3', ['-c', python, separator], { input: text, encoding: 'utf8' })
  if (status !== 0) throw new Error(`python3: ${stderr}`)
  return JSON.parse(stdout)
}

const isNumber = (cell: string): boolean => cell.trim() !== '' && Number.isFinite(Number(cell))

overStores(({ newDatabase }) => {
  const server = serving(newDatabase)
  const { get } = client(server)

  beforeAll(async () => {
    for (const [i, [label, note]] of hostile.entries()) {
      const command: Command = { event: 'CalculateRequested', payload: { ...inputs, label, note } }
      await stored(server.store, { mentor_id: label }, [command], secondsAfter(noon, i))
    }
  })

  test.each([',', ';', '\t'])('no cell is a formula in a program that separates cells at %j', async separator => {
    const { text } = await get(`${base}?format=csv`)
    const rows = rowsByPython(text, separator)
    expect(rows.length).toBeGreaterThan(hostile.length)
    expect(rows.flat().filter(cell => /^[\s"]*[=+\-@＝＋－＠]/.test(cell) && !isNumber(cell))).toEqual([])
    if (separator !== ',') return
    const [names = [], ...read] = rows
    const of = (name: string) => read.map(row => withoutFormulaGuard(row[names.indexOf(name)] ?? ''))
    expect(of('label').map((label, i) => [label, of('note')[i]])).toEqual(hostile.toReversed())
  })
})
