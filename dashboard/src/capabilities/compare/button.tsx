import { hrefOf, navigateOnClick } from '../../router'
import { inLanguage } from '../../words'
import { maxCompared } from './route'
import { compareButton } from './words/button'

const texts = inLanguage(compareButton)

export const minCompared = 2

const isComparable = (count: number): boolean => count >= minCompared && count <= maxCompared

export const hintForSelected = (count: number): string =>
  isComparable(count) ? '' : texts.comparable(minCompared, maxCompared)

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
