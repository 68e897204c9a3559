import type { FunctionComponent } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { words } from '../words'
import { RefusalText } from './refusal'

/** A view with a script that is loaded on first use. */
export function Later({ of }: { of: () => Promise<FunctionComponent> }) {
  const [View, setView] = useState<FunctionComponent | null>(null)
  const [failed, setFailed] = useState(false)
  useEffect(() => {
    of().then(
      view => setView(() => view),
      () => setFailed(true),
    )
  }, [of])
  return View ? <View /> : <RefusalText text={failed ? words.unreachable : null} />
}
