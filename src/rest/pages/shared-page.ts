import type { Request, Response } from 'express'
import type { Outputs, UndefinedReason } from '../../domain/calculator'
import type { DomainError } from '../../domain/errors'
import type { SharedResult } from '../../sessions/sessions'
import { html, type Markup, sendHtml } from './html'
import { style } from './shared-page.style'

const head = html`<meta name="robots" content="noindex">
<meta name="referrer" content="no-referrer">
<meta name="description" content="A shared result of the mentoring benefit calculator: cost, time value and net benefit.">
`

const reasons: Record<UndefinedReason, string> = {
  no_sessions: 'no sessions were held',
  no_minutes: 'the sessions have no length',
  zero_cost: 'the sessions cost nothing',
  zero_value: 'an hour is valued at nothing',
}

/** Numbers and times as the reader's browser asks for them; times in UTC, since a request tells no time zone. */
interface Formats {
  money(amount: number): string
  number(value: number): string
  time(timestamp: string): Markup
}

export function formatsOf(request: Request): Formats {
  const locales = request.acceptsLanguages().filter(tag => {
    try {
      return tag !== '*' && Intl.getCanonicalLocales(tag).length > 0
    } catch {
      return false
    }
  })
  const money = new Intl.NumberFormat(locales, { minimumFractionDigits: 2, maximumFractionDigits: 2 })
  const number = new Intl.NumberFormat(locales, { maximumFractionDigits: 4 })
  const time = new Intl.DateTimeFormat(locales, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' })
  return {
    money: amount => money.format(amount),
    number: value => number.format(value),
    time: timestamp => html`<time datetime="${timestamp}">${time.format(new Date(timestamp))} UTC</time>`,
  }
}

/** Answers with a page that a reader without script can read, and print on one sheet. */
export function sendPage(response: Response, status: number, title: string, content: Markup): void {
  sendHtml(response, status, { title, style, head, content })
}

export function sendSharedResult(response: Response, shared: SharedResult, formats: Formats): void {
  sendPage(response, 200, 'Benefit of a mentoring programme', sharedResult(shared, formats))
}

/** A share link that leads nowhere, or nowhere any more. */
export function sendNoShare(response: Response, status: number, { code, message }: DomainError): void {
  const gone = code === 'share_gone'
  const heading = gone ? 'This result is no longer shared' : 'There is no result at this link'
  const help = gone
    ? 'Ask whoever sent it for a new link.'
    : 'Check that the whole link was copied, or ask whoever sent it for a new one.'
  sendPage(
    response,
    status,
    heading,
    html`<p class="kind">Shared result</p><h1>${heading}</h1><p class="lead">${message} ${help}</p>`,
  )
}

function sharedResult({ inputs, outputs, method, caveat, computed_at, expires_at }: SharedResult, f: Formats): Markup {
  const { benefit_cost_ratio: ratio, net_benefit } = outputs
  const reasonOf = (output: keyof Outputs): string => {
    const found = outputs.undefined_because.find(undefinedOutput => undefinedOutput.output === output)
    return found ? reasons[found.reason] : ''
  }
  const row = (name: string, unit: string, value: string | Markup): Markup =>
    html`<tr><th scope="row">${name}${unit && html` <small>${unit}</small>`}</th><td>${value}</td></tr>`
  const output = (name: string, unit: string, key: Exclude<keyof Outputs, 'undefined_because'>): Markup => {
    const value = outputs[key]
    return row(name, unit, value === null ? html`<small>none: ${reasonOf(key)}</small>` : f.money(value))
  }
  return html`<p class="kind">Shared result of a mentoring programme</p>
<h1>${ratio === null ? html`Net benefit of ${f.money(net_benefit)}` : html`Every ${f.money(1)} spent gives ${f.money(ratio)} of mentors’ time`}</h1>
<p class="lead">What the programme cost, set against what the hours that its mentors gave would have cost to buy.
Amounts are in the organisation’s own currency.</p>
<section aria-label="Statement">
<table class="statement">
<tr><th scope="row">Value of the mentors’ time</th><td class="value">${f.money(outputs.time_value)}</td></tr>
<tr><th scope="row">Cost of the programme</th><td class="cost">− ${f.money(outputs.programme_cost)}</td></tr>
<tr class="sum"><th scope="row">Net benefit</th><td${net_benefit < 0 ? html` class="loss"` : ''}>${f.money(net_benefit)}</td></tr>
</table>
</section>
<div class="pair">
<section>
<h2>What was counted</h2>
<table>
${row('Sessions', '', f.number(inputs.sessions))}
${row('Mean length', 'minutes', f.number(inputs.avg_minutes))}
${row('Cost of a session', '', f.number(inputs.cost_per_session))}
${row('Value of an hour', '', f.number(inputs.cost_per_hour))}
${output('Hours given', '', 'total_hours')}
</table>
</section>
<section>
<h2>What it comes to</h2>
<table>
${output('Benefit-cost ratio', '', 'benefit_cost_ratio')}
${output('Return on cost', '%', 'roi_percent')}
${output('Cost of an hour given', '', 'cost_per_hour_delivered')}
${output('Net benefit of a session', '', 'net_per_session')}
${output('Break-even length', 'minutes', 'break_even_minutes')}
</table>
</section>
</div>
<section>
<h2>Cost against value, by the length of a session</h2>
${plot(inputs, outputs.break_even_minutes, f)}
</section>
<div class="note">
<p>${caveat}</p>
<p>Method ${method}: value = sessions × minutes × value of an hour ÷ 60; cost = sessions × cost of a session.</p>
<p>Computed ${f.time(computed_at)}. This link works until ${f.time(expires_at)}.</p>
</div>`
}

/** The value of a session grows with its length and its cost does not: where the lines cross, it breaks even. */
function plot(
  { avg_minutes, cost_per_session, cost_per_hour }: SharedResult['inputs'],
  breakEven: number | null,
  f: Formats,
): Markup {
  const [left, right, top, bottom] = [8, 632, 26, 200]
  const longest = Math.max(avg_minutes * 1.25, Math.min(breakEven ?? 0, avg_minutes * 6 || 1_440) * 1.4, 10)
  const most = Math.max((longest * cost_per_hour) / 60, cost_per_session * 1.2, 0.01)
  const x = (minutes: number): number => Math.round((left + (minutes / longest) * (right - left)) * 10) / 10
  const y = (amount: number): number => Math.round((bottom - (amount / most) * (bottom - top)) * 10) / 10
  const value = (avg_minutes * cost_per_hour) / 60
  const says = `A session of ${f.number(avg_minutes)} minutes costs ${f.money(cost_per_session)} and is worth ${f.money(value)}.${
    breakEven === null ? '' : ` Value and cost are equal at ${f.money(breakEven)} minutes.`
  }`
  const shown = breakEven !== null && breakEven <= longest
  const costLabel = y(cost_per_session) + 18 < bottom - 4 ? y(cost_per_session) + 18 : y(cost_per_session) - 8
  const anchor = (at: number): string => (at > right - 110 ? 'end' : at < left + 110 ? 'start' : 'middle')
  return html`<svg viewBox="0 0 640 226" role="img" aria-label="${says}">
<line class="axis" x1="${left}" y1="${bottom}" x2="${right}" y2="${bottom}"/>
<line class="cost" x1="${left}" y1="${y(cost_per_session)}" x2="${right}" y2="${y(cost_per_session)}" stroke-width="2"/>
<line class="value" x1="${left}" y1="${bottom}" x2="${right}" y2="${y((longest * cost_per_hour) / 60)}" stroke-width="2"/>
<text class="value" x="${right}" y="${Math.max(y((longest * cost_per_hour) / 60) - 9, 14)}" text-anchor="end">value of a session</text>
<text class="cost" x="${right}" y="${costLabel}" text-anchor="end">cost of a session, ${f.money(cost_per_session)}</text>
<line class="mark" x1="${x(avg_minutes)}" y1="${y(value)}" x2="${x(avg_minutes)}" y2="${bottom}"/>
${
  shown && breakEven !== null
    ? html`<line class="mark" x1="${x(breakEven)}" y1="${y(cost_per_session)}" x2="${x(breakEven)}" y2="${bottom}"/>
<text x="${x(breakEven)}" y="${bottom + 18}" text-anchor="${anchor(x(breakEven))}">break-even at ${f.money(breakEven)} minutes</text>`
    : null
}
<circle class="dot" cx="${x(avg_minutes)}" cy="${y(value)}" r="5" stroke-width="2"/>
<text class="strong" x="${Math.max(x(avg_minutes) - 10, left + 250)}" y="${Math.max(y(value) - 9, 14)}" text-anchor="end">${f.number(avg_minutes)} minutes, worth ${f.money(value)}</text>
</svg>`
}
