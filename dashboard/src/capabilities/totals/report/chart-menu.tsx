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

/** Menu of actions for a chart, which show its table or save the chart as a file. */
export function ChartMenu({ file, isBusy, isTable, toggleTable }: ChartMenuProps) {
  const date = formatLongDate(new Date(useCurrentAt()).toISOString())
  const choices: [text: string, choose: () => unknown][] = [
    [isTable ? reportWords.hideTable : reportWords.asTable, toggleTable],
    [chartsWords.savePng, () => saveChart(file, date, 'png')],
    [chartsWords.saveSvg, () => saveChart(file, date, 'svg')],
  ]
  return (
    <Popover class="choose" button={chartsWords.menu}>
      <ul class="choices">
        {choices.map(([text, choose], i) => (
          <li key={i}>
            <button
              type="button"
              class="quiet"
              aria-disabled={isBusy}
              onClick={({ currentTarget }) => {
                if (isBusy) return
                currentTarget.closest<HTMLElement>('[popover]')?.hidePopover()
                choose()
              }}
            >
              {text}
            </button>
          </li>
        ))}
      </ul>
    </Popover>
  )
}
