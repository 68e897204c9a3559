import type { SessionState } from '../types'
import { words } from '../words'
import './state.css'

export const StateChip = ({ state }: { state: SessionState }) => (
  <span class="chip" data-state={state}>
    {words.states[state]}
  </span>
)

export const StateDot = ({ state }: { state: SessionState }) => (
  <span class="state-dot" data-state={state} aria-hidden="true" />
)
