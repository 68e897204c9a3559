import { stateNames } from '../names'
import type { SessionState } from '../types'
import './state.css'

export const State = ({ state }: { state: SessionState }) => (
  <span class="chip" data-state={state}>
    {stateNames[state]}
  </span>
)

export const StateDot = ({ state }: { state: SessionState }) => (
  <span class="state-dot" data-state={state} aria-hidden="true" />
)
