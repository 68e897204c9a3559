import { stateNames } from '../format'
import type { SessionState } from '../types'

export const State = ({ state }: { state: SessionState }) => (
  <span class="chip" data-state={state}>
    {stateNames[state]}
  </span>
)
