import type { FunctionComponent } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { words } from '../words'
import { ErrorMessage } from './error-message'

/** Returns a component whose script is loaded on first use. */
export function lazy<Props>(load: () => Promise<FunctionComponent<Props>>): FunctionComponent<Props> {
  return function Lazy(props) {
    const [Loaded, setLoaded] = useState<FunctionComponent<Props> | null>(null)
    const [failed, setFailed] = useState(false)
    useEffect(() => {
      load().then(
        component => setLoaded(() => component),
        () => setFailed(true),
      )
    }, [])
    return Loaded ? <Loaded {...props} /> : <ErrorMessage text={failed ? words.unreachable : null} />
  }
}
