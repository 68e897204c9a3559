import type { FunctionComponent } from 'preact'
import { useLayoutEffect, useState } from 'preact/hooks'
import { words } from '../words'
import { ErrorMessage } from './error-message'

/** Returns a component whose script is loaded when the component is first rendered. */
export function lazy<Props>(load: () => Promise<FunctionComponent<Props>>): FunctionComponent<Props> {
  let loaded: FunctionComponent<Props> | null = null
  return function Lazy(props) {
    // Once its script has been loaded, the component renders immediately, so that the page keeps its scroll position.
    const [Loaded, setLoaded] = useState(() => loaded)
    const [failed, setFailed] = useState(false)
    useLayoutEffect(() => {
      if (loaded) return
      load().then(
        component => {
          loaded = component
          setLoaded(() => component)
        },
        () => setFailed(true),
      )
    }, [])
    return Loaded ? <Loaded {...props} /> : <ErrorMessage text={failed ? words.unreachable : null} />
  }
}
