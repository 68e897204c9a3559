import { hrefOf, navigateOnClick } from '../../router'
import { inLanguage } from '../../words'
import { maxCompared } from './route'
import { compareButton } from './words/button'

const texts = inLanguage(compareButton)

/** Minimum number of calculations that can be compared. */
export const minCompared = 2

const isComparable = (count: number): boolean => count >= minCompared && count <= maxCompared

export const hintForSelected = (count: number): string =>
  isComparable(count) ? '' : texts.comparable(minCompared, maxCompared)

/** Compares the selected rows. */
export function CompareButton({ ids, describedBy }: { ids: string[]; describedBy: string }) {
  const to = { path: '/compare', compared: ids } as const
  if (!isComparable(ids.length))
    return (
      <button type="button" aria-disabled="true" aria-describedby={describedBy}>
        {texts.button}
      </button>
    )
  return (
    <a class="button" href={hrefOf(to)} onClick={navigateOnClick(to)}>
      {texts.button}
    </a>
  )
}
