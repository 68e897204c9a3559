import type { Outputs } from '../../domain/calculator'
import { changeOf } from '../../domain/change'
import type { Formats } from './formats'
import { html, type Markup } from './html'
import type { Words } from './words/en'

/** Figures in a strip: the outputs of one result, or the sums in one currency. */
export type Figures = Pick<
  Outputs,
  'time_value' | 'programme_cost' | 'net_benefit' | 'benefit_cost_ratio' | 'total_hours'
>

interface StripOptions {
  figures: Figures
  /** Figures of months that are over, and of the same months one year earlier. The strip shows the change. */
  compared?: { now: Figures | undefined; before: Figures | undefined }
  /** Returns the reason why a figure is null. */
  reasonOf(figure: keyof Figures): string
  words: Words
  f: Formats
}

export function figureStrip({ figures, compared, reasonOf, words, f }: StripOptions): Markup {
  const figure = (name: string, of: keyof Figures, format: Formats['money'], signed: Formats['money']): Markup => {
    const value = figures[of]
    const change = changeText(compared?.now?.[of], compared?.before?.[of], signed, f)
    return html`<div><dt>${name}</dt>
<dd${value !== null && value < 0 ? html` class="loss"` : ''}>${value === null ? html`<small>${reasonOf(of)}</small>` : format(value)}</dd>${
      change === null ? '' : html`<dd class="change"><span class="unseen">${words.change} </span>${change}</dd>`
    }</div>
`
  }
  return html`<dl class="strip">
${figure(words.timeValue, 'time_value', f.money, f.difference)}${figure(words.programmeCost, 'programme_cost', f.money, f.difference)}${figure(words.netBenefit, 'net_benefit', f.money, f.difference)}${figure(words.ratio, 'benefit_cost_ratio', f.figure, f.signed)}${figure(words.hoursGiven, 'total_hours', f.figure, f.signed)}</dl>
`
}

/** Difference and percentage, such as "+£50.00 (+25%)". Returns null if either of the two figures is missing. */
export function changeText(
  now: number | null | undefined,
  before: number | null | undefined,
  signed: Formats['money'],
  f: Formats,
): string | null {
  const change = changeOf(now, before)
  if (!change) return null
  return signed(change.difference) + (change.share === null ? '' : ` (${f.signedShare(change.share)})`)
}
