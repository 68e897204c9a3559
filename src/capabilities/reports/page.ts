import type { Request, Response } from 'express'
import { monthAt, yearBefore } from '../../domain/months'
import { moneyOptions } from '../../rest/pages/break-even'
import { changeText, figureStrip } from '../../rest/pages/figure-strip'
import { dateFormat, type Formats, formatsOf, numberFormat } from '../../rest/pages/formats'
import { html, type Markup } from '../../rest/pages/html'
import { elementOf, headlineOf, type Language, languageOf, sendNothing, sendPage } from '../../rest/pages/shared-page'
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
@media screen and (max-width: 26rem) { .months th, .months td, .months th[scope="col"] { font-size: .75rem; padding-left: .5rem; } .compared :is(.months th:first-child, td:last-child) { white-space: normal; }
  .to-date .months :is(th, td, th[scope="col"]) { font-size: .6875rem; padding-left: .25rem; } }
@media screen and (max-width: 22rem) { .months th, .months td, .months th[scope="col"] { font-size: .6875rem; padding-left: .25rem; } }
@page { size: auto; margin: 12mm 16mm; }
@media print { h1 { font-size: 1.5rem; } .kind, .subject, .lead { margin: .25rem 0; } .headline { margin-top: .5rem; font-size: 1.25rem; } h2 { margin-top: .75rem; }
  svg { max-height: 32mm; font-size: 19px; } .months { margin-top: 0; }
  .note { margin-top: .75rem; padding-top: .25rem; font-size: 8pt; line-height: 1.3; } .note p { margin: .15rem 0; }
  .months th, .months td { font-size: 8.5pt; line-height: 1.2; padding-top: .06rem; padding-bottom: .06rem; }
  .months { overflow: visible; } .months table, .months { break-inside: auto; } .months tr { break-inside: avoid; }
  .short .months table { break-inside: avoid; }
  .several { display: flex; flex-wrap: wrap; gap: 0 4mm; } .several > * { flex: 0 1 calc(50% - 2mm); min-width: min-content; }
  .several > .compared { flex-grow: 1; } .several h2 { margin-top: .75rem; } .several svg { max-height: 31mm; font-size: 23px; }
  .several .months :is(th, td, th[scope="col"]) { font-size: 6.75pt; padding: 0; }
  .several .months :not(:first-child):is(th, td, th[scope="col"]) { padding-left: .25rem; }
  .several .compared .months :is(td, th) { font-size: 6.5pt; line-height: 1.1; white-space: nowrap; } }
`

/** In full means with a chart and with table rows for months without results. */
const currenciesInFull = 3

/** Maximum number of months in a table that is printed without a page break. */
const monthsASheet = 36

export function sendSharedReport(request: Request, response: Response, report: SharedReport): void {
  const language = languageOf(request)
  const { title, description } = catalogues[language.name]
  const content = sharedReport(report, language)
  sendPage(response, 200, { language, title: `${report.title} – ${title}`, description, content, ownStyle })
}

export function sendNoReport(request: Request, response: Response, code: 'share_gone' | 'share_not_found'): void {
  const language = languageOf(request)
  const { withdrawn, mistyped, noReportKind } = catalogues[language.name]
  const text = code === 'share_gone' ? withdrawn : mistyped
  sendNothing(response, code, { language, ...text, kind: noReportKind })
}

interface PageParts {
  words: Words
  texts: ReportWords
  locale: string
  /** Months of the report, oldest first, each with its short name and its amounts. */
  months: { name: string; amounts: Amounts[] }[]
  /**
   * Short names of the ranges of months in the comparison table: the report's range. If the months that were over when
   * the report was created have results one year earlier, also these months, unless they are the report's range, and
   * the same months one year earlier.
   */
  ranges: string[]
  picture: string
}

const monthFormat = (locale: string, month: 'long' | 'short') => {
  const format = dateFormat(locale, { month, year: 'numeric' })
  return (month: string): string => format.format(new Date(`${month}-01`))
}

function sharedReport(report: SharedReport, { words, locale, name }: Language): Markup {
  const { title, organisation_id, from, to, amounts, method, caveat, created_at, expires_at } = report
  const texts = catalogues[name]
  const [long, short] = [monthFormat(locale, 'long'), monthFormat(locale, 'short')]
  const rangeOf = (range: { from: string; to: string }): string =>
    range.from === range.to ? short(range.from) : `${short(range.from)} – ${short(range.to)}`
  const isOver = to < monthAt(created_at)
  // Months that were not over are never compared with months that were.
  const compared = isOver ? report : report.to_date
  const { previous } = compared ?? { previous: null }
  const shown = previous && compared ? [...(isOver ? [] : [compared]), previous] : []
  const parts: PageParts = {
    words,
    texts,
    locale,
    months: report.trend.map(({ month, amounts }) => ({ name: short(month), amounts })),
    ranges: [report, ...shown].map(rangeOf),
    picture: texts.picture(long(from), long(to)),
  }
  const months = from === to ? long(from) : texts.months(long(from), long(to))
  const several = amounts.length > 1 ? 'several' : ''
  const sumsIn = (of: { amounts: Amounts[] } | null, currency: string | null): Amounts | undefined =>
    of?.amounts.find(sums => sums.currency === currency)
  const currencies = new Set([...amounts, ...(previous?.amounts ?? [])].map(({ currency }) => currency))
  const f = formatsOf(locale)
  const [first, ...others] = amounts
  const sums = [...currencies].map(currency => ({
    heading: currencies.size > 1 ? texts.sumsIn(currency ?? words.ownCurrency) : texts.sums,
    rows: sumsRows(
      [report, ...shown].map(of => sumsIn(of, currency)),
      currency,
      parts,
    ),
  }))
  const counted: ComparisonRow[] = [
    [texts.mentors, [report, ...shown].map(of => of.mentors), f.number, f.signed],
    [texts.results, [report, ...shown].map(of => of.results), f.number, f.signed],
  ]
  const comparedText = (): string => {
    if (!compared) return texts.noneOver
    const rangeBefore = rangeOf(yearBefore(compared))
    if (!previous) return texts.nothingBefore(rangeBefore)
    return isOver ? texts.changesFrom(rangeBefore) : texts.changesToDate(rangeOf(compared), rangeBefore)
  }
  /** The title that the dashboard suggests contains the organisation's id. */
  const isNamed = organisation_id !== null && title.includes(organisation_id)
  return html`<p class="kind">${texts.title}</p>
<h1>${title}</h1>
<p class="subject">${isNamed ? '' : html`<bdi>${organisation_id ?? texts.allOrganisations}</bdi> · `}${months}</p>
${first ? headline(first, { now: sumsIn(compared, first.currency), before: sumsIn(previous, first.currency) }, parts) : html`<p class="note">${texts.nothing}</p>\n`}${
  first && html`<p class="kind">${comparedText()}</p>\n`
}${otherCurrencies(others, parts)}<div class="${several}">
${sums.map(({ heading, rows }) => comparison(heading, sums.length > 1 ? rows : [...rows, ...counted], parts))}${
  sums.length === 1 ? '' : comparison(texts.counted, counted, parts)
}</div>
<div class="${several}">
${amounts.map((sums, n) => trend(sums, parts, amounts.length > 1, n < currenciesInFull))}</div>
<div class="note">
<p>${words.caveat(caveat, method)}</p>
<p>${words.method(method)}</p>
<p>${texts.monthOf}</p>
<p>${texts.made(f.time(created_at), f.time(expires_at))}</p>
</div>`
}

/** Returns the headline and the main figures for the report's first currency, which has the most results. */
function headline(
  sums: Amounts,
  compared: { now: Amounts | undefined; before: Amounts | undefined },
  { words, locale }: PageParts,
): Markup {
  const f = formatsOf(locale, sums.currency)
  return html`<p class="headline">${headlineOf(sums, words, f)}</p>
<p class="lead">${words.lead}${sums.currency === null ? ` ${words.amountsIn(words.ownCurrency)}` : ''}</p>
<section aria-label="${words.statement}">
${figureStrip({ figures: sums, compared, reasonOf: () => '–', words, f })}</section>
`
}

/** Amounts in different currencies are never added up. */
function otherCurrencies(others: Amounts[], { words, texts, locale }: PageParts): Markup | string {
  if (others.length === 0) return ''
  const sums = others.map(({ currency, net_benefit, benefit_cost_ratio: ratio }) => {
    const f = formatsOf(locale, currency)
    const details = [
      ...(currency === null ? [words.ownCurrency] : []),
      ...(ratio === null ? [] : [texts.ofRatio(f.figure(ratio))]),
    ]
    return html`<li><strong${net_benefit < 0 ? html` class="loss"` : ''}>${f.money(net_benefit)}</strong>${details.length > 0 ? ` (${details.join(', ')})` : ''}</li>
`
  })
  return html`<div class="others"><span id="other-currencies">${texts.otherCurrencies}</span>
<ul aria-labelledby="other-currencies">
${sums}</ul></div>
`
}

/** A row of the comparison table: a figure for each range, with functions that format the figure and its change. */
type ComparisonRow = [
  name: string,
  values: (number | null | undefined)[],
  format: (value: number) => string,
  signed: (difference: number) => string,
]

function sumsRows(
  sums: (Amounts | undefined)[],
  currency: string | null,
  { words, locale }: PageParts,
): ComparisonRow[] {
  const f = formatsOf(locale, currency)
  return [
    [words.timeValue, sums.map(of => of?.time_value), f.money, f.difference],
    [words.programmeCost, sums.map(of => of?.programme_cost), f.money, f.difference],
    [words.netBenefit, sums.map(of => of?.net_benefit), f.money, f.difference],
    [words.ratio, sums.map(of => of?.benefit_cost_ratio), f.figure, f.signed],
    [words.hoursGiven, sums.map(of => of?.total_hours), f.figure, f.signed],
    [words.sessions, sums.map(of => of?.sessions_held), f.number, f.signed],
  ]
}

/** If the earlier months have no results, the table shows only the report's own figures. */
function comparison(heading: string, rows: ComparisonRow[], { words, locale, ranges }: PageParts): Markup {
  const f = formatsOf(locale)
  const isCompared = ranges.length > 1
  const columns = isCompared ? [...ranges, words.change] : ranges
  const cellsOf = ([, values, format, signed]: ComparisonRow): string[] => [
    ...values.map(value => (value == null ? '–' : format(value))),
    ...(isCompared ? [changeText(values.at(-2), values.at(-1), signed, f) ?? '–'] : []),
  ]
  return html`<section class="compared${ranges.length > 2 ? ' to-date' : ''}">
<h2>${heading}</h2>
<div class="months" role="region" tabindex="0" aria-label="${heading}">
<table>
<thead><tr><td></td>${columns.map(column => html`<th scope="col">${column}</th>`)}</tr></thead>
<tbody>
${rows.map(
  row => html`<tr><th scope="row">${row[0]}</th>${cellsOf(row).map(cell => html`<td>${cell}</td>`)}</tr>
`,
)}</tbody>
</table>
</div>
</section>
`
}

/**
 * Returns the monthly table for one currency. If `isInFull` is true, also returns a chart, and table rows for months
 * without results. Only a few currencies are shown in full, so that the page stays small.
 */
function trend(sums: Amounts, parts: PageParts, isOneOfMany: boolean, isInFull: boolean): Markup {
  const { words, texts, locale } = parts
  const { currency } = sums
  const f = formatsOf(locale, currency)
  const months = parts.months
    .map(({ name, amounts }) => ({ name, sums: amounts.find(sums => sums.currency === currency) }))
    .filter(({ sums }) => isInFull || sums)
  const heading = isOneOfMany ? texts.trendIn(currency ?? words.ownCurrency) : texts.trend
  const columns = [words.timeValue, words.programmeCost, words.netBenefit]
  return html`<div class="${months.length <= monthsASheet ? 'short' : ''}">
<section>
<h2>${heading}</h2>
${isInFull ? chartOfMonths(months, currency, parts) : ''}</section>
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
  currency: string | null,
  { words, locale, picture }: PageParts,
): Markup {
  const axis = numberFormat(locale, moneyOptions(currency, { notation: 'compact', minimumFractionDigits: 0 }))
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
    ? [sums.time_value, sums.programme_cost, sums.net_benefit].map(amount => f.money(amount))
    : ['–', '–', '–']
  return html`<tr><th scope="row">${name}</th>${cells.map(cell => html`<td>${cell}</td>`)}</tr>
`
}
