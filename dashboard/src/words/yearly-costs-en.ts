import type { Grammar } from './grammar'

/** English text of the yearly costs dialog. The text catalogues in other languages have the same structure. */
export const yearlyCostsEn = ({ number, counted }: Grammar) => {
  const sessions = (count: number): string => counted(count, { one: 'session', other: 'sessions' })
  return {
    open: 'Work it out from yearly costs',
    heading: 'Cost per session, from yearly costs',
    lead: 'Enter what the programme costs in a year. We add these costs to the assumptions, which are also shown on the shared page.',
    names: {
      salary: 'Salaries (mentoring only)',
      training: 'Training',
      travel: 'Travel',
      venue: 'Venue',
      materials: 'Materials',
      other: 'Other',
    },
    /** Former name of the salary item, which older notes still contain. */
    formerSalary: 'Salary share',
    sessions: 'Sessions in that year',
    nothing: 'Enter at least one amount.',
    noSessions: 'Sessions in that year must be at least 1.',
    otherCurrency: (field: string, currency: string) => `${field} must be in ${currency}, like the other amounts.`,
    /** The amounts are already formatted. */
    sum: (total: string, count: number, cost: string, isRounded: boolean) =>
      `${total} ÷ ${sessions(count)} = ${cost} per session${isRounded ? ', rounded to 4 decimal places' : ''}`,
    noRoom: (excess: number, most: number) =>
      `The assumptions can have at most ${number(most)} characters. Shorten them by ${number(excess)} first. The costs you’ve entered here are kept.`,
    fill: 'Use this cost',
    filled: (cost: string) => `Cost per session: ${cost}. The costs are listed in the assumptions.`,
    /**
     * The line with the yearly costs in a note. `rounded` is the rounded cost per session, or null if the cost is
     * exact.
     */
    line: (items: { name: string; amount: string }[], total: string, count: number, rounded: string | null) =>
      `Cost per session: ${items.map(({ name, amount }) => `${name.toLowerCase()} ${amount}`).join(' + ')} = ${total} for ${sessions(count)}${rounded === null ? '' : `, rounded to ${rounded}`}`,
  }
}
