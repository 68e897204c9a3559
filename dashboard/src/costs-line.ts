import { parseDecimal } from './decimals'

/** Yearly cost items, in display order. */
export const costNames = ['salary', 'training', 'travel', 'venue', 'materials', 'other'] as const
export type CostName = (typeof costNames)[number]

/**
 * Patterns that match the yearly costs line in a note, one per language, because a user's colleagues may write notes in
 * other languages.
 */
const linePatterns = [
  /^Cost per session: (?<items>.+) = (?<total>.+) for (?<sessions>.+) sessions?(, rounded to .+)?$/,
  /^Kosten pro Treffen: (?<items>.+) = (?<total>.+) für (?<sessions>.+) Treffen(, gerundet auf .+)?$/,
  /^Coût par séance\u00a0: (?<items>.+) = (?<total>.+) pour (?<sessions>.+?)( de)? séances?(, arrondi à .+)?$/,
]

const matchLine = (line: string): RegExpExecArray | undefined =>
  linePatterns.map(pattern => pattern.exec(line.trim())).find(match => match !== null)

/** Replaces the costs line in a note, or appends the costs line if the note does not have one yet. */
export function noteWithCosts(note: string, costs: string): string {
  const lines = note.trimEnd().split('\n')
  const earlier = lines.findIndex(matchLine)
  if (earlier === -1) return note.trim() === '' ? costs : `${note.trimEnd()}\n${costs}`
  return lines.flatMap((line, i) => (i === earlier ? costs : matchLine(line) ? [] : line)).join('\n')
}

/** Returns the line of a note that lists the yearly costs, or null if the note has no such line. */
export const costsLine = (note: string): string | null => note.split('\n').find(matchLine)?.trim() ?? null

/** Returns the total and the number of sessions as written in a note's costs line. */
export function totalInNote(note: string): { total: string; sessions: string } | null {
  const { total = '', sessions = '' } = matchLine(costsLine(note) ?? '')?.groups ?? {}
  return total === '' ? null : { total, sessions }
}

interface CostNames {
  names: Record<CostName, string>
  /** Former name of the salary item, which older notes still contain. */
  formerSalary: string
}

/**
 * Returns the amounts and the number of sessions as written in a costs line. Returns null if the item names are in
 * another language, or if a number is ambiguous between regional formats.
 */
export function costsInLine(
  line: string,
  { names, formerSalary }: CostNames,
  locale: string,
): { amounts: Record<CostName, string>; sessions: string } | null {
  const { items = '', sessions = '' } = matchLine(line)?.groups ?? {}
  const known = [...costNames.map(name => [name, names[name]] as const), ['salary', formerSalary] as const]
  const read = items.split(' + ').map(item => {
    const [name, text = ''] = known.find(([, text]) => item.toLowerCase().startsWith(`${text.toLowerCase()} `)) ?? []
    return name && ([name, item.slice(text.length + 1)] as const)
  })
  if (!read.every(item => item !== undefined)) return null
  if ([sessions, ...read.map(([, amount]) => amount)].some(text => mayMeanThousands(text, locale))) return null
  return { amounts: { ...noAmounts, ...Object.fromEntries(read) }, sessions }
}

/**
 * Whether a number has three decimals in this locale. Regions with the same language may read such a number
 * differently: 24.000 means 24 in Switzerland, and 24 000 in Germany.
 */
function mayMeanThousands(text: string, locale: string): boolean {
  const parsed = parseDecimal(text, locale, () => true)
  return parsed.status === 'valid' && /\.\d{3}$/.test(parsed.text)
}

export const noAmounts = Object.fromEntries(costNames.map(name => [name, ''])) as Record<CostName, string>
