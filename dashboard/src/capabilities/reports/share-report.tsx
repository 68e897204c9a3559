import { useEffect, useRef, useState } from 'preact/hooks'
import { labelCharacters, maxShareDays } from '../../../../src/domain/limits'
import type { ExtensionPoints } from '../../capability'
import { currencyFormats, formatLongDate, formatMonthRange } from '../../format'
import { textFault } from '../../inputs'
import type { BoundedRange } from '../../months'
import type { Filter } from '../../route'
import { caller, mayManage } from '../../sign-in/caller'
import { announce, useStore } from '../../store'
import { useAction } from '../../views/action'
import { DialogButton } from '../../views/dialog-button'
import { Field } from '../../views/field'
import { FormButtons } from '../../views/form-buttons'
import { CopyableLink } from '../../views/session/copyable-link'
import { SumsTable } from '../../views/sums-table'
import { words } from '../../words'
import { type NewReport, shareReport } from './reports'
import { shareReportWords } from './words'
import './share-report.css'

const texts = shareReportWords

interface ShareReportProps {
  filter: Filter
  /** The range of months that the report shows, or null until the range is known. */
  shown: BoundedRange | null
  totals: Totals | null
}

/** `page` has the totals that the page shows. `shown` has the totals of the shared months only. */
type Totals = NonNullable<ExtensionPoints['reportActions']['totals']>

/**
 * The button that opens the form for sharing a report. After the report has been shared, its link replaces the button.
 */
export function ShareReport({ filter, shown, totals }: ShareReportProps) {
  const user = useStore(caller)
  const [shared, setShared] = useState<{ report: string; link: NewReport } | null>(null)
  const box = useRef<HTMLDivElement>(null)
  // Focus another button, because the button that the user pressed no longer exists.
  useEffect(() => box.current?.querySelector('button')?.focus({ preventScroll: true }), [shared])
  if (!mayManage(user)) return null
  const report = JSON.stringify([filter, shown])
  if (shared?.report === report) {
    const { path, expiresAt } = shared.link
    return (
      <div class="share-report" ref={box}>
        <CopyableLink path={path} label={texts.link} />
        <p class="soft">{texts.visibleUntil(formatLongDate(expiresAt))}</p>
      </div>
    )
  }
  const obstacle = filter.state ? texts.noStatus : filter.withoutOrganisation ? texts.noOrganisation : null
  if (obstacle || !shown) {
    return (
      <div class="share-report">
        <button type="button" aria-disabled="true" aria-describedby={obstacle ? 'share-obstacle' : undefined}>
          {texts.open}
        </button>
        {obstacle && (
          <p class="soft" id="share-obstacle">
            {obstacle}
          </p>
        )}
      </div>
    )
  }
  return (
    <DialogButton label={texts.open} class="primary">
      {close => (
        <ShareForm
          filter={filter}
          range={shown}
          totals={totals}
          close={close}
          onShared={link => {
            setShared({ report, link })
            announce(texts.done)
          }}
        />
      )}
    </DialogButton>
  )
}

/** Lifetimes that the user can choose for a link, in days. */
const lifetimes = [30, 90, maxShareDays]
const usualLifetime = 90

/**
 * Returns a default title for a report. The title does not name the mentor, because the shared page does not name the
 * mentor either.
 */
function suggestedTitle({ organisationId, mentorId }: Filter, range: BoundedRange): string {
  const subject = [mentorId === undefined ? null : texts.oneMentor, organisationId].filter(Boolean)
  const [name = texts.wholeProgramme] = subject.length > 0 ? [subject.join(', ')] : []
  const months = `, ${formatMonthRange(range)}`
  return [...name].slice(0, labelCharacters - [...months].length).join('') + months
}

/** Shows the totals on the page beside those that are shared, for each currency, unless they are the same. */
function BothTotals({ totals: { page, shown }, months }: { totals: Totals; months: string }) {
  const rows = page.flatMap(({ currency, ...sums }) => {
    const shared = shown.find(of => of.currency === currency)
    const { money } = currencyFormats(currency)
    return (['timeValue', 'programmeCost'] as const).map(name => ({
      key: `${name} ${currency}`,
      name: page.length > 1 && currency !== null ? `${words[name]}, ${currency}` : words[name],
      amounts: [money(sums[name]), money(shared?.[name] ?? 0)] as const,
    }))
  })
  if (rows.every(({ amounts: [onPage, shared] }) => onPage === shared)) return null
  return (
    <SumsTable
      label={texts.bothTotals}
      columns={[
        { name: texts.bothTotals, isText: true, cell: ({ name }: (typeof rows)[number]) => name },
        { name: words.months.all, cell: ({ amounts }) => amounts[0] },
        { name: months, cell: ({ amounts }) => amounts[1] },
      ]}
      rows={rows}
      keyOf={({ key }) => key}
    />
  )
}

interface ShareFormProps {
  filter: Filter
  range: BoundedRange
  totals: Totals | null
  close(): void
  onShared(link: NewReport): void
}

function ShareForm({ filter, range, totals, close, onShared }: ShareFormProps) {
  const [title, setTitle] = useState(() => suggestedTitle(filter, range))
  const [expiresInDays, setLifetime] = useState(usualLifetime)
  const [fault, setFault] = useState<string | undefined>()
  const form = useRef<HTMLFormElement>(null)
  const { failure, isBusy, run } = useAction()

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    const trimmed = title.trim()
    const titleFault = trimmed ? textFault(texts.title, trimmed, labelCharacters) : words.faults.required(texts.title)
    setFault(titleFault ?? undefined)
    if (titleFault) return form.current?.querySelector('input')?.focus()
    await run(async () => {
      const input = {
        title: trimmed,
        organisationId: filter.organisationId ?? caller.value.organisationId,
        mentorId: filter.mentorId ?? null,
        ...range,
        expiresInDays,
      }
      onShared(await shareReport(input))
    })
  }

  const months = formatMonthRange(range)
  return (
    <form ref={form} onSubmit={submit} noValidate>
      <p class="soft">{texts.what}</p>
      <p>{filter.months ? texts.months(months) : texts.lastMonths(months)}</p>
      {totals && <BothTotals totals={totals} months={months} />}
      <Field
        label={texts.title}
        hint={texts.titleHint}
        fault={fault}
        input={{ autocomplete: 'off', value: title, onInput: ({ currentTarget }) => setTitle(currentTarget.value) }}
      />
      <label>
        {texts.expires}
        <select value={expiresInDays} onChange={({ currentTarget }) => setLifetime(Number(currentTarget.value))}>
          {lifetimes.map(days => (
            <option key={days} value={days}>
              {texts.days(days)}
            </option>
          ))}
        </select>
      </label>
      <FormButtons submit={texts.submit} failure={failure} isBusy={isBusy} cancel={close} />
    </form>
  )
}
