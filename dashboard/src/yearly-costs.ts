import { Exact } from '../../src/domain/time-value'
import { parseDecimal } from './decimals'

/** Lines of the yearly costs, in the order in which they are shown. */
export const costNames = ['salary', 'training', 'travel', 'venue', 'materials', 'other'] as const
export type CostName = (typeof costNames)[number]

/** Exact decimals. */
export interface DividedCosts {
  total: string
  perSession: string
  /** Whether `perSession` times the sessions is not exactly the total. */
  isRounded: boolean
}

/** Decimals of a cost per session: of an exact one at most, and of a rounded one. */
const exactDecimals = 4
const roundedDecimals = 2

/** Divides the sum of the amounts by the sessions, at least 1. Rounds half away from zero, unless the cost is exact. */
export function divideCosts(amounts: string[], sessions: string): DividedCosts {
  const total = Exact.sum(...amounts)
  const cost = total.div(sessions)
  const exact = cost.toDecimalPlaces(exactDecimals)
  const isRounded = !exact.times(sessions).eq(total)
  const perSession = isRounded ? cost.toDecimalPlaces(roundedDecimals) : exact
  return { total: total.toFixed(), perSession: perSession.toFixed(), isRounded }
}

/** The line of the costs within a note, in each language, because a colleague may use another one. */
const linePatterns = [
  /^Cost per session: (?<items>.+) = .+ for (?<sessions>.+) sessions?(, rounded to .+)?$/,
  /^Kosten pro Treffen: (?<items>.+) = .+ für (?<sessions>.+) Treffen(, gerundet auf .+)?$/,
  /^Coût par séance\u00a0: (?<items>.+) = .+ pour (?<sessions>.+?)( de)? séances?(, arrondi à .+)?$/,
]

const matchLine = (line: string): RegExpExecArray | undefined =>
  linePatterns.map(pattern => pattern.exec(line.trim())).find(match => match !== null)

/** Returns the note with the line of the costs: in place of an earlier one, otherwise at the end. */
export function noteWithCosts(note: string, costs: string): string {
  const lines = note.trimEnd().split('\n')
  const earlier = lines.findIndex(matchLine)
  if (earlier === -1) return note.trim() === '' ? costs : `${note.trimEnd()}\n${costs}`
  return lines.flatMap((line, i) => (i === earlier ? costs : matchLine(line) ? [] : line)).join('\n')
}

/** Returns the line of the costs in a note. Null if it has none. */
export const costsLine = (note: string): string | null => note.split('\n').find(matchLine)?.trim() ?? null

interface CostNames {
  names: Record<CostName, string>
  /** What lines of older notes call the salaries. */
  formerSalary: string
}

/**
 * Returns the amounts and the sessions of a line of the costs, as they are written there. Null if its names are not
 * these, which are those of one language, or if a number may be of another region.
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
 * Returns whether a number has three decimals in this locale. In another region of the same language they may be
 * thousands: 24.000 is 24 in Switzerland and 24 000 in Germany.
 */
function mayMeanThousands(text: string, locale: string): boolean {
  const parsed = parseDecimal(text, locale, () => true)
  return parsed.status === 'valid' && /\.\d{3}$/.test(parsed.text)
}

export const noAmounts = Object.fromEntries(costNames.map(name => [name, ''])) as Record<CostName, string>
