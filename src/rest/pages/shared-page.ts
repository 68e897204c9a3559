// This folder contains the web pages that the server renders: shared results, problem explanations and the API docs.
// The dashboard is in `dashboard`, at the root of the repository.

import type { Request, Response } from 'express'
import { probe } from '../../concurrency/probe'
import type { Outputs } from '../../domain/calculator'
import { type ErrorCode, errorRow } from '../../domain/errors'
import { publicPath } from '../../http/base-path'
import type { SharedResult } from '../../sessions/session-queries'
import { breakEvenPicture, type Picture, type Shape } from './break-even'
import { figureStrip } from './figure-strip'
import { type Formats, formatsOf, localeOf } from './formats'
import { html, Markup, sendHtml } from './html'
import { ratioBar } from './ratio-bar'
import { style } from './shared-page.style'
import { de } from './words/de'
import { en, type Words } from './words/en'
import { fr } from './words/fr'

const catalogues = { en, de, fr } satisfies Record<string, Words>

export interface Language {
  name: keyof typeof catalogues
  locale: string
  words: Words
}

/** Returns English if the request accepts none of the page languages (RFC 9110 §12.5.4). */
export function languageOf(request: Request): Language {
  for (const tag of request.acceptsLanguages()) {
    const name = tag.toLowerCase().split('-', 1)[0] as Language['name']
    const locale = Object.hasOwn(catalogues, name) && localeOf(tag)
    if (locale) return { name, locale, words: catalogues[name] }
  }
  return { name: 'en', locale: 'en', words: en }
}

/** Contains neither the token nor figures, because a link preview could still show them after the link is revoked. */
const headOf = (title: string, description: string): Markup => html`<meta name="robots" content="noindex">
<meta name="referrer" content="no-referrer">
<meta name="description" content="${description}">
<meta property="og:type" content="website">
<meta property="og:title" content="${title}">
<meta property="og:description" content="${description}">
`

interface Page {
  language: Language
  title: string
  description: string
  content: Markup
  ownStyle?: string
}

/** Sends a page that works without JavaScript and can be printed. */
export function sendPage(response: Response, status: number, page: Page): void {
  const { language, title, description, content, ownStyle = '' } = page
  response.vary('Accept-Language')
  response.setHeader('Content-Language', language.name)
  const head = headOf(title, description)
  sendHtml(response, status, { title, style: style + ownStyle, head, content, language: language.name })
}

export function sendSharedResult(request: Request, response: Response, shared: SharedResult): void {
  const language = languageOf(request)
  const { title, description } = language.words
  const { label } = shared.inputs
  const content = sharedResult(shared, language)
  sendPage(response, 200, {
    language,
    title: label === undefined ? title : `${label} – ${title}`,
    description,
    content,
  })
}

export function sendNoShare(request: Request, response: Response, code: 'share_gone' | 'share_not_found'): void {
  const language = languageOf(request)
  const { withdrawn, mistyped, noShareKind } = language.words
  const text = code === 'share_gone' ? withdrawn : mistyped
  sendNothing(response, code, { language, ...text, kind: noShareKind })
}

export function sendNoPage(request: Request, response: Response): void {
  const language = languageOf(request)
  sendNothing(response, 'route_not_found', { language, ...language.words.noPage })
}

/** Sends a page which says that nothing exists at this link or path. */
export function sendNothing(
  response: Response,
  code: ErrorCode,
  { language, heading, lead, kind = '404' }: { language: Language; heading: string; lead: string; kind?: string },
): void {
  probe?.refused('rest', code)
  const content = html`<p class="kind">${kind}</p><h1>${heading}</h1><p class="lead">${lead}</p>
<p><a href="${publicPath('/')}">${language.words.home}</a></p>`
  sendPage(response, errorRow(code).status, { language, title: heading, description: lead, content })
}

function sharedResult(shared: SharedResult, { words, locale }: Language): Markup {
  const { inputs, outputs, organisation_id, method, caveat, computed_at, expires_at, superseded } = shared
  const { label, currency, period, value_source, note } = inputs
  const texts = [
    { heading: words.valueSource, text: value_source },
    { heading: words.assumptions, text: note },
  ].flatMap(({ heading, text }) =>
    text === undefined
      ? []
      : [
          html`<section>
<h2>${heading}</h2>
<p class="text">${text}</p>
</section>
`,
        ],
  )
  const f = formatsOf(locale, currency)
  const reasonOf = (output: keyof Outputs): string => {
    const entry = outputs.undefined_because.find(undefinedOutput => undefinedOutput.output === output)
    return entry ? words.undefinedBecause[entry.reason] : ''
  }
  const row = (name: string, unit: string, value: string | Markup): Markup =>
    html`<tr><th scope="row">${name}${unit && html` <small>${unit}</small>`}</th><td>${value}</td></tr>`
  const output = (
    name: string,
    unit: string,
    key: Exclude<keyof Outputs, 'range' | 'undefined_because'>,
    format = f.figure,
  ): Markup => {
    const value = outputs[key]
    return row(name, unit, value === null ? html`<small>${words.none(reasonOf(key))}</small>` : format(value))
  }
  const subject = [
    ...(organisation_id === undefined ? [] : [organisation_id ?? words.noOrganisation]),
    ...(label === undefined ? [] : [label]),
  ]
  return html`<p class="kind">${words.kind}</p>
${
  subject.length === 0
    ? ''
    : html`<p class="subject">${subject.map((text, n) => html`${n > 0 ? ' · ' : ''}<bdi>${text}</bdi>`)}</p>
`
}<h1>${headlineOf(outputs, words, f)}</h1>
<p class="lead">${words.lead}
${words.amountsIn(currency ?? words.ownCurrency)}${period && html` ${words.heldFrom(f.day(period.from), f.day(period.to))}`}</p>
${
  superseded
    ? html`<p class="note" role="note">${words.superseded}</p>
`
    : ''
}<section aria-label="${words.statement}">
${figureStrip({ figures: outputs, reasonOf: figure => words.none(reasonOf(figure)), words, f })}</section>
<div class="pair">
<section>
<h2>${words.counted}</h2>
<table>
${row(words.sessions, '', f.number(inputs.sessions))}
${row(words.meanLength, words.minutes, f.number(inputs.avg_minutes))}
${row(words.costOfSession, '', f.price(inputs.cost_per_session))}
${row(words.valueOfHour, '', f.price(inputs.cost_per_hour))}
</table>
</section>
<section>
<h2>${words.comesTo}</h2>
<table>
${output(words.returnOnCost, '%', 'roi_percent')}
${output(words.costOfHourGiven, '', 'cost_per_hour_delivered', f.money)}
${output(words.netOfSession, '', 'net_per_session', f.money)}
${output(words.breakEvenLength, words.minutes, 'break_even_minutes')}
</table>
</section>
</div>
${rangeOf(shared, f, words)}${
  texts.length === 0
    ? ''
    : html`<div${texts.length > 1 ? html` class="pair"` : ''}>
${texts}</div>
`
}${breakEven(shared, f, words.picture)}
<div class="note">
<p>${words.caveat(caveat, method)}</p>
<p>${words.method(method)}</p>
<p>${words.computed(f.time(computed_at), f.time(expires_at))}</p>
</div>
<p class="files">${words.download} <a href="?format=csv">CSV</a> <a href="?format=json">JSON</a></p>`
}

/** Returns the headline for a result or for sums: the benefit-cost ratio or, if there is none, the net benefit. */
export const headlineOf = (
  { benefit_cost_ratio: ratio, net_benefit }: Pick<Outputs, 'benefit_cost_ratio' | 'net_benefit'>,
  words: Words,
  { money }: Pick<Formats, 'money'>,
): string => (ratio === null ? words.netBenefitOf(money(net_benefit)) : words.everyOneSpent(money(1), money(ratio)))

/** Returns an empty string if the result has no range. */
function rangeOf({ inputs, outputs }: SharedResult, f: Formats, words: Words): Markup | string {
  const { cost_per_hour_range: costs } = inputs
  const { range } = outputs
  if (!costs || !range) return ''
  const row = (name: string, low: string, high: string): Markup =>
    html`<tr><th scope="row">${name}</th><td>${low}</td><td>${high}</td></tr>
`
  const { low, high } = range
  const [lowRatio, highRatio] = [low.benefit_cost_ratio, high.benefit_cost_ratio]
  const rows = [
    row(words.valueOfHour, f.price(costs.low), f.price(costs.high)),
    row(words.timeValue, f.money(low.time_value), f.money(high.time_value)),
    row(words.netBenefit, f.money(low.net_benefit), f.money(high.net_benefit)),
    lowRatio === null || highRatio === null ? '' : row(words.ratio, f.figure(lowRatio), f.figure(highRatio)),
  ]
  const ratios = { low: lowRatio, stated: outputs.benefit_cost_ratio, high: highRatio }
  const bar = ratioBar(ratios, f, words.ratioBar, pictureWidth)
  return html`<section class="range">
<h2>${words.range}</h2>
${
  bar &&
  html`<p>${bar.title}</p>
${svgOf(bar)}
`
}<table>
<tr><td></td><th scope="col">${words.lowest}</th><th scope="col">${words.highest}</th></tr>
${rows}</table>
</section>
`
}

function breakEven({ inputs, outputs }: SharedResult, f: Formats, words: Language['words']['picture']): Markup {
  const { avg_minutes: avgMinutes, cost_per_session: costPerSession, cost_per_hour: costPerHour } = inputs
  const costAndValue = { avgMinutes, costPerSession, costPerHour, breakEvenMinutes: outputs.break_even_minutes }
  const picture = breakEvenPicture(costAndValue, f, words, pictureWidth)
  return html`<section>
<h2>${picture.title}</h2>
${svgOf(picture)}
</section>`
}

const pictureWidth = 640

const svgOf = ({ label, viewBox, shapes }: Picture): Markup =>
  html`<svg viewBox="${viewBox}" role="img" aria-label="${label}">
${shapes.map(elementOf)}</svg>`

export function elementOf({ element, attributes, text }: Shape): Markup {
  const name = new Markup(element)
  const written = Object.entries(attributes).map(([attribute, value]) => html` ${new Markup(attribute)}="${value}"`)
  return html`<${name}${written}>${text}</${name}>\n`
}
