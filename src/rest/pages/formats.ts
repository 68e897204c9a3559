import { LruCache } from '../../concurrency/lru-cache'
import { shownTime } from '../../domain/timestamp'
import { minusFormat, moneyOptions, type NumberFormat, type NumberFormats } from './break-even'
import { html, type Markup } from './html'

/**
 * Maximum memory of the cached number and date formats, in bytes. This much memory suffices for all page locales with
 * ten currencies each. Formats are cached because creating one takes as long as formatting many numbers. The formats'
 * memory is outside the heap, so the garbage collector is slow to release unused formats.
 */
const formatBytes = 32 * 1024 * 1024
const bytesOfOne = 8_000

// The caches are module state, because a format depends only on its locale and options.
const formats = new LruCache<NumberFormat | Intl.DateTimeFormat>(formatBytes, () => bytesOfOne)
const locales = new Map<string, string>()

/**
 * Returns undefined if the tag is malformed. Uses only the tag's language and region, which bounds the number of cached
 * locales, whatever clients send. Call this function only for languages in which the pages are available.
 */
export function localeOf(tag: string): string | undefined {
  try {
    const { language, region } = new Intl.Locale(tag)
    const shortTag = region ? `${language}-${region}` : language
    const locale = locales.get(shortTag) ?? new Intl.NumberFormat(shortTag).resolvedOptions().locale
    locales.set(shortTag, locale)
    return locale
  } catch {
    return undefined
  }
}

function cached<F extends NumberFormat | Intl.DateTimeFormat>(
  kind: 'number' | 'date',
  locale: string,
  options: object,
  newFormat: () => F,
): F {
  const key = `${kind} ${locale} ${JSON.stringify(options)}`
  const found = formats.find(key)
  if (found) return found as F
  const format = newFormat()
  formats.keep(key, format)
  return format
}

export const numberFormat = (locale: string, options: Intl.NumberFormatOptions): NumberFormat =>
  cached('number', locale, options, () => minusFormat(locale, options))

/** Returns a date format in UTC, because requests do not state a time zone. */
export const dateFormat = (locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
  cached('date', locale, options, () => new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' }))

export interface Formats extends NumberFormats {
  /** Formats an amount as the user entered it, with up to 4 decimals. */
  price(amount: number): string
  /** Formats the difference between two amounts, with its sign. */
  difference(amount: number): string
  /** Formats the difference between two figures that are not amounts, with its sign. */
  signed(value: number): string
  /** Formats a share such as 0.125 as a percentage, with its sign and up to 1 decimal. */
  signedShare(share: number): string
  time(timestamp: string): Markup
  day(date: string): Markup
}

/** If the currency is unknown, amounts have no symbol. */
export function formatsOf(locale: string, currency?: string | null): Formats {
  const figure = numberFormat(locale, moneyOptions())
  const money = numberFormat(locale, moneyOptions(currency))
  const price = numberFormat(locale, moneyOptions(currency, { maximumFractionDigits: 4 }))
  const number = numberFormat(locale, { maximumFractionDigits: 4 })
  const difference = numberFormat(locale, moneyOptions(currency, { signDisplay: 'exceptZero' }))
  const signed = numberFormat(locale, {
    minimumFractionDigits: 2,
    maximumFractionDigits: 2,
    trailingZeroDisplay: 'stripIfInteger',
    signDisplay: 'exceptZero',
  })
  const share = numberFormat(locale, { style: 'percent', maximumFractionDigits: 1, signDisplay: 'exceptZero' })
  const day = dateFormat(locale, { dateStyle: 'long' })
  const time = dateFormat(locale, { dateStyle: 'long', timeStyle: 'short' })
  return {
    money: amount => money.format(amount),
    price: amount => price.format(amount),
    difference: amount => difference.format(amount),
    signed: value => signed.format(value),
    signedShare: value => share.format(value),
    figure: value => figure.format(value),
    number: value => number.format(value),
    day: date => html`<time datetime="${date}">${day.format(new Date(date))}</time>`,
    time: timestamp => html`<time datetime="${shownTime(timestamp)}">${time.format(new Date(timestamp))} UTC</time>`,
  }
}
