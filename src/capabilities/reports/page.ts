import type { Request, Response } from 'express'
import { moneyOptions } from '../../rest/pages/break-even'
import { dateFormat, type Formats, formatsOf, numberFormat } from '../../rest/pages/formats'
import { html, type Markup } from '../../rest/pages/html'
import { elementOf, type Language, languageOf, sendNothing, sendPage } from '../../rest/pages/shared-page'
import type { Words } from '../../rest/pages/words/en'
import type { Amounts } from '../totals/model'
import { chartOf, chartViewBox } from './chart'
import type { SharedReport } from './reports'
import { reportDe } from './words/de'
import { type ReportWords, reportEn } from './words/en'
import { reportFr } from './words/fr'

const catalogues: Record<Language['name'], ReportWords> = { en: reportEn, de: reportDe, fr: reportFr }

const ownStyle = `
.months { overflow-x: auto; margin-top: .5rem; }
.months th, .months td { font-size: .875rem; padding: .25rem 0 .25rem .75rem; }
.months th[scope="col"] { vertical-align: bottom; font-size: .8125rem; }
.months th:first-child, .months th[scope="col"]:first-child { text-align: left; padding-left: 0; white-space: nowrap; }
.months tfoot > * > * { border-top: 2px solid currentColor; font-weight: 650; }
.months:focus-visible { outline: 2px solid var(--value); outline-offset: 3px; }
h1 { overflow-wrap: anywhere; }
@media (forced-colors: active) { :root { --value: CanvasText; --cost: CanvasText; --line: CanvasText; --soft: CanvasText; --ink: CanvasText; } }
@media screen and (max-width: 26rem) { .months th, .months td, .months th[scope="col"] { font-size: .75rem; padding-left: .5rem; } .compared .months th:first-child { white-space: normal; } }
@media screen and (max-width: 22rem) { .months th, .months td, .months th[scope="col"] { font-size: .6875rem; padding-left: .25rem; } }
@page { size: auto; margin: 12mm 16mm; }
@media print { .months th, .months td { font-size: 8.5pt; line-height: 1.25; padding-top: .1rem; padding-bottom: .1rem; }
  .months { overflow: visible; } .months table, .months { break-inside: auto; } .months tr { break-inside: avoid; }
  .short .months table { break-inside: avoid; }
  .several { display: flex; flex-wrap: wrap; gap: 0 8mm; } .several > * { flex: 0 1 calc(50% - 4mm); min-width: min-content; }
  .several h2 { margin-top: .75rem; } .several svg { max-height: 31mm; font-size: 23px; }
  .several .months :is(th, td, th[scope="col"]) { font-size: 7.5pt; padding: 0; }
  .several .months :not(:first-child):is(th, td, th[scope="col"]) { padding-left: .375rem; }
  .several .compared .statement { display: none; } .several .compared .months :is(td, th) { font-size: 6.5pt; line-height: 1.1; white-space: nowrap; }
  .several .statement .sum > * { font-size: 1.125rem; }
  .several .statement th, .several .statement td { font-size: 1rem; } }
`

/** Maximum number of currencies with a chart and with a row for each month without results. */
const currenciesInFull = 3

/** Maximum number of months in a table that is printed on one sheet. */
const monthsASheet = 36

export function sendSharedReport(request: Request, response: Response, report: SharedReport): void {
  const language = languageOf(request)
  const { title, description } = catalogues[language.name]
  const content = sharedReport(report, language)
  sendPage(response, 200, language, { title: `${report.title} – ${title}`, description, content, ownStyle })
}

/** Responds to a report link that was never issued, has expired or was revoked. */
export function sendNoReport(request: Request, response: Response, code: 'share_gone' | 'share_not_found'): void {
  const language = languageOf(request)
  const { withdrawn, mistyped, noReportKind } = catalogues[language.name]
  sendNothing(response, code, language, code === 'share_gone' ? withdrawn : mistyped, noReportKind)
}

interface PageParts {
  words: Words
  texts: ReportWords
  locale: string
  /** Formats of amounts without a symbol. */
  f: Formats
  axis: Intl.NumberFormat
  /** The months of the report, oldest first, with their short names. */
  months: { name: string; amounts: Amounts[] }[]
  /** Text alternative of a chart. */
  picture: string
}

const monthFormat = (locale: string, month: 'long' | 'short') => {
  const format = dateFormat(locale, { month, year: 'numeric' })
  return (month: string): string => format.format(new Date(`${month}-01`))
}

function sharedReport(report: SharedReport, { words, locale, name }: Language): Markup {
  const { title, organisation_id, from, to, results, mentors, amounts, method, caveat, created_at, expires_at } = report
  const texts = catalogues[name]
  const f = formatsOf(locale)
  const [long, short] = [monthFormat(locale, 'long'), monthFormat(locale, 'short')]
  const parts: PageParts = {
    words,
    texts,
    locale,
    f,
    axis: numberFormat(locale, { notation: 'compact', maximumFractionDigits: 2 }),
    months: report.trend.map(({ month, amounts }) => ({ name: short(month), amounts })),
    picture: texts.picture(long(from), long(to)),
  }
  const months = from === to ? long(from) : texts.months(long(from), long(to))
  const several = amounts.length > 1 ? 'several' : ''
  const rangeOf = (range: { from: string; to: string }): string =>
    range.from === range.to ? short(range.from) : `${short(range.from)} – ${short(range.to)}`
  const { previous } = report
  const ranges: Compared['ranges'] = [rangeOf(report), previous ? rangeOf(previous) : '']
  const comparedTo = (sums: Amounts): Compared | null =>
    previous && { now: sums, before: previous.amounts.find(({ currency }) => currency === sums.currency), ranges }
  const missed = previous?.amounts.filter(sums => !amounts.some(({ currency }) => currency === sums.currency)) ?? []
  return html`<p class="kind">${texts.title}</p>
<h1>${title}</h1>
<p class="lead"><strong>${months}</strong>${organisation_id === null ? '' : html`<br>${words.organisation(organisation_id)}`}</p>
<p class="lead">${words.lead}</p>
${amounts.length > 0 ? '' : html`<p class="note">${texts.nothing}</p>\n`}<div class="${several}">
${amounts.map(sums => statement(sums, comparedTo(sums), parts))}${missed.map(
  sums => html`<section>
<h2>${texts.yearBefore}</h2>
<p class="kind">${words.amountsIn(sums.currency ?? words.ownCurrency)}</p>
${comparison({ now: undefined, before: sums, ranges }, parts)}</section>
`,
)}</div>
<section>
<h2>${texts.counted}</h2>
<table>
${row(texts.mentors, f.number(mentors))}${row(texts.results, f.number(results))}</table>
</section>
<div class="${several}">
${amounts.map((sums, n) => trend(sums, parts, amounts.length > 1, n < currenciesInFull))}</div>
<div class="note">
<p>${words.caveat(caveat, method)}</p>
<p>${words.method(method)}</p>
<p>${texts.monthOf}</p>
<p>${texts.made(f.time(created_at), f.time(expires_at))}</p>
</div>`
}

const row = (name: string, value: string): Markup => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>
`

/** Returns the figures of one currency. */
function statement(sums: Amounts, compared: Compared | null, parts: PageParts): Markup {
  const { words, locale, f } = parts
  const { benefit_cost_ratio: ratio, net_benefit } = sums
  const format = numberFormat(locale, moneyOptions(sums.currency))
  const money = (amount: number): string => format.format(amount)
  const heading = ratio === null ? words.netBenefitOf(money(net_benefit)) : words.everyOneSpent(money(1), money(ratio))
  return html`<section class="${compared ? 'compared' : ''}">
<h2>${heading}</h2>
<p class="kind">${words.amountsIn(sums.currency ?? words.ownCurrency)}</p>
<table class="statement">
<tr><th scope="row">${words.timeValue}</th><td class="value">${money(sums.time_value)}</td></tr>
<tr><th scope="row">${words.programmeCost}</th><td class="cost">${money(0 - sums.programme_cost)}</td></tr>
<tr class="sum"><th scope="row">${words.netBenefit}</th><td${net_benefit < 0 ? html` class="loss"` : ''}>${money(net_benefit)}</td></tr>
</table>
${
  compared
    ? comparison(compared, parts)
    : html`<table>
${row(words.sessions, f.number(sums.sessions_held))}${row(words.hoursGiven, f.figure(sums.total_hours))}${ratio === null ? '' : row(words.ratio, f.figure(ratio))}</table>
`
}</section>
`
}

/**
 * Sums of one currency in the months of the report and in the same months a year before, and the names of both ranges.
 */
interface Compared {
  now: Amounts | undefined
  before: Amounts | undefined
  ranges: [now: string, before: string]
}

/** Returns a table with the figures of both ranges and their differences. */
function comparison({ now, before, ranges }: Compared, { words, texts, locale, f }: PageParts): Markup {
  const difference = numberFormat(locale, { maximumFractionDigits: 2, signDisplay: 'exceptZero' })
  const percent = numberFormat(locale, { style: 'percent', maximumFractionDigits: 0, signDisplay: 'exceptZero' })
  const changeOf = (a: number, b: number): string =>
    difference.format(a - b) + (b === 0 ? '' : ` (${percent.format((a - b) / Math.abs(b))})`)
  const figures: [name: string, of: (sums: Amounts) => number | null, format: (value: number) => string][] = [
    [words.timeValue, sums => sums.time_value, f.figure],
    [words.programmeCost, sums => sums.programme_cost, f.figure],
    [words.netBenefit, sums => sums.net_benefit, f.figure],
    [words.ratio, sums => sums.benefit_cost_ratio, f.figure],
    [words.sessions, sums => sums.sessions_held, f.number],
    [words.hoursGiven, sums => sums.total_hours, f.figure],
  ]
  const currency = (now ?? before)?.currency ?? words.ownCurrency
  const rows = figures.map(([name, of, format]) => {
    const [a, b] = [now ? of(now) : null, before ? of(before) : null]
    const change = a === null || b === null ? '–' : changeOf(a, b)
    const cells = [...[a, b].map(value => (value === null ? '–' : format(value))), change]
    return html`<tr><th scope="row">${name}</th>${cells.map(cell => html`<td>${cell}</td>`)}</tr>
`
  })
  return html`<div class="months" role="region" tabindex="0" aria-label="${texts.yearBefore}, ${currency}">
<table>
<thead><tr><td></td>${[...ranges, texts.change].map(column => html`<th scope="col">${column}</th>`)}</tr></thead>
<tbody>
${rows}</tbody>
</table>
</div>
`
}

/**
 * Returns the chart and the monthly table of one currency. Unless `isInFull`, the table has only the months with
 * results, so that a page with many currencies stays small.
 */
function trend(sums: Amounts, parts: PageParts, isOneOfMany: boolean, isInFull: boolean): Markup {
  const { words, texts, f } = parts
  const { currency } = sums
  const months = parts.months
    .map(({ name, amounts }) => ({ name, sums: amounts.find(sums => sums.currency === currency) }))
    .filter(({ sums }) => isInFull || sums)
  const heading = isOneOfMany ? texts.trendIn(currency ?? words.ownCurrency) : texts.trend
  const columns = [words.timeValue, words.programmeCost, words.netBenefit]
  return html`<div class="${months.length <= monthsASheet ? 'short' : ''}">
<section>
<h2>${heading}</h2>
${isInFull ? chartOfMonths(months, parts) : ''}</section>
<div class="months" role="region" tabindex="0" aria-label="${heading}">
<table>
<thead><tr><th scope="col">${texts.month}</th>${columns.map(column => html`<th scope="col">${column}</th>`)}</tr></thead>
<tbody>
${months.map(({ name, sums }) => amountsRow(name, sums, f))}</tbody>
<tfoot>
${amountsRow(texts.total, sums, f)}</tfoot>
</table>
</div>
</div>
`
}

function chartOfMonths(
  months: { name: string; sums: Amounts | undefined }[],
  { words, axis, picture }: PageParts,
): Markup {
  const chart = chartOf(
    months.map(({ name, sums }) => ({ name, value: sums?.time_value ?? 0, cost: sums?.programme_cost ?? 0 })),
    { value: words.timeValue, cost: words.programmeCost, mark: amount => axis.format(amount) },
  )
  return html`<svg viewBox="${chartViewBox}" role="img" aria-label="${picture}">
${chart.map(elementOf)}</svg>
`
}

function amountsRow(name: string, sums: Amounts | undefined, f: Formats): Markup {
  const cells = sums
    ? [sums.time_value, sums.programme_cost, sums.net_benefit].map(amount => f.figure(amount))
    : ['–', '–', '–']
  return html`<tr><th scope="row">${name}</th>${cells.map(cell => html`<td>${cell}</td>`)}</tr>
`
}
