import { formatLongDate } from '../../../format'
import { Popover } from '../../../views/popover'
import { type ChartFile, saveChart } from './chart-file'
import { useCurrentAt } from './current-at'
import { chartsWords, reportWords } from './words'

interface ChartMenuProps {
  file: ChartFile
  isBusy: boolean
  isTable: boolean
  toggleTable(): void
}

/** What can be done with a chart: show its table, or save it as a file. */
export function ChartMenu({ file, isBusy, isTable, toggleTable }: ChartMenuProps) {
  const date = formatLongDate(new Date(useCurrentAt()).toISOString())
  const choose = (act: () => unknown) => (event: Event) => {
    if (isBusy) return
    ;(event.currentTarget as Element).closest<HTMLElement>('[popover]')?.hidePopover()
    act()
  }
  return (
    <Popover class="choose" button={chartsWords.menu}>
      <ul class="choices">
        <li>
          <button type="button" class="quiet" aria-disabled={isBusy} onClick={choose(toggleTable)}>
            {isTable ? reportWords.hideTable : reportWords.asTable}
          </button>
        </li>
        <li>
          <button
            type="button"
            class="quiet"
            aria-disabled={isBusy}
            onClick={choose(() => saveChart(file, date, 'png'))}
          >
            {chartsWords.savePng}
          </button>
        </li>
        <li>
          <button
            type="button"
            class="quiet"
            aria-disabled={isBusy}
            onClick={choose(() => saveChart(file, date, 'svg'))}
          >
            {chartsWords.saveSvg}
          </button>
        </li>
      </ul>
    </Popover>
  )
}
