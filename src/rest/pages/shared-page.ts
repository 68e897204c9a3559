import type { Request, Response } from 'express'
import type { Outputs } from '../../domain/calculator'
import type { DomainError } from '../../domain/errors'
import type { SharedResult } from '../../sessions/sessions'
import { breakEvenPicture, englishPicture, type NumberFormats, type Shape } from './break-even'
import { html, Markup, sendHtml } from './html'
import { moneyFormat } from './money'
import { style } from './shared-page.style'
import { undefinedBecause } from './undefined-because'

const head = html`<meta name="robots" content="noindex">
<meta name="referrer" content="no-referrer">
<meta name="description" content="A shared result of the mentoring benefit calculator: cost, time value and net benefit.">
`

/** Numbers and times as the reader's browser asks for them; times in UTC, since a request tells no time zone. */
interface Formats extends NumberFormats {
  time(timestamp: string): Markup
  day(date: string): Markup
}

/** The formats for amounts of a currency; of none where it is not known. */
export function formatsOf(request: Request, currency?: string): Formats {
  const locales = request.acceptsLanguages().filter(tag => {
    try {
      return tag !== '*' && Intl.getCanonicalLocales(tag).length > 0
    } catch {
      return false
    }
  })
  const figure = moneyFormat(locales)
  const money = moneyFormat(locales, currency)
  const number = new Intl.NumberFormat(locales, { maximumFractionDigits: 4 })
  const day = new Intl.DateTimeFormat(locales, { dateStyle: 'long', timeZone: 'UTC' })
  const time = new Intl.DateTimeFormat(locales, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' })
  return {
    money: amount => money.format(amount),
    figure: value => figure.format(value),
    number: value => number.format(value),
    day: date => html`<time datetime="${date}">${day.format(new Date(date))}</time>`,
    time: timestamp => html`<time datetime="${timestamp}">${time.format(new Date(timestamp))} UTC</time>`,
  }
}

/** Answers with a page that a reader without script can read, and print on one sheet. */
function sendPage(response: Response, status: number, title: string, content: Markup): void {
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

function sharedResult(shared: SharedResult, f: Formats): Markup {
  const { inputs, outputs, method, caveat, computed_at, expires_at } = shared
  const { benefit_cost_ratio: ratio, net_benefit } = outputs
  const reasonOf = (output: keyof Outputs): string => {
    const found = outputs.undefined_because.find(undefinedOutput => undefinedOutput.output === output)
    return found ? undefinedBecause[found.reason] : ''
  }
  const row = (name: string, unit: string, value: string | Markup): Markup =>
    html`<tr><th scope="row">${name}${unit && html` <small>${unit}</small>`}</th><td>${value}</td></tr>`
  const output = (
    name: string,
    unit: string,
    key: Exclude<keyof Outputs, 'undefined_because'>,
    format = f.figure,
  ): Markup => {
    const value = outputs[key]
    return row(name, unit, value === null ? html`<small>none: ${reasonOf(key)}</small>` : format(value))
  }
  const { label, currency, period } = inputs
  return html`<p class="kind">Shared result of a mentoring programme</p>
<h1>${ratio === null ? html`Net benefit of ${f.money(net_benefit)}` : html`Every ${f.money(1)} spent gives ${f.money(ratio)} of mentors’ time`}</h1>
${
  label === undefined
    ? ''
    : html`<p class="lead"><strong>${label}</strong></p>
`
}<p class="lead">What the programme cost, set against what the hours that its mentors gave would have cost to buy.
Amounts are in ${currency ?? 'the organisation’s own currency'}.${period && html` The sessions were held from ${f.day(period.from)} to ${f.day(period.to)}.`}</p>
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
${row('Cost of a session', currency ?? '', f.number(inputs.cost_per_session))}
${row('Value of an hour', currency ?? '', f.number(inputs.cost_per_hour))}
${output('Hours given', '', 'total_hours')}
</table>
</section>
<section>
<h2>What it comes to</h2>
<table>
${output('Benefit-cost ratio', '', 'benefit_cost_ratio')}
${output('Return on cost', '%', 'roi_percent')}
${output('Cost of an hour given', '', 'cost_per_hour_delivered', f.money)}
${output('Net benefit of a session', '', 'net_per_session', f.money)}
${output('Break-even length', 'minutes', 'break_even_minutes')}
</table>
</section>
</div>
${breakEven(shared, f)}
<div class="note">
<p>${caveat}</p>
<p>Method ${method}: value = sessions × minutes × value of an hour ÷ 60; cost = sessions × cost of a session.</p>
<p>Computed ${f.time(computed_at)}. This link works until ${f.time(expires_at)}.</p>
</div>`
}

function breakEven({ inputs, outputs }: SharedResult, f: Formats): Markup {
  const { avg_minutes: avgMinutes, cost_per_session: costPerSession, cost_per_hour: costPerHour } = inputs
  const costAndValue = { avgMinutes, costPerSession, costPerHour, breakEvenMinutes: outputs.break_even_minutes }
  const { title, label, viewBox, shapes } = breakEvenPicture(costAndValue, f, englishPicture, 640)
  return html`<section>
<h2>${title}</h2>
<svg viewBox="${viewBox}" role="img" aria-label="${label}">
${shapes.map(svgOf)}</svg>
</section>`
}

function svgOf({ element, attributes, text }: Shape): Markup {
  const name = new Markup(element)
  const stated = Object.entries(attributes).map(([attribute, value]) => html` ${new Markup(attribute)}="${value}"`)
  return html`<${name}${stated}>${text}</${name}>\n`
}
