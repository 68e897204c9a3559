import { type Caller, caller } from '../sign-in/caller'
import type { Entrance } from '../sign-in/sign-in'
import { useStore } from '../store'
import './sign-in.css'

const verbs: Record<Caller['may'], string> = {
  read: 'You see',
  change: 'You see and change',
  administer: 'You see and change',
}

/** What he may do, as a sentence. */
function says({ may, mentor_id, organisation_id }: Caller): string {
  const whose = mentor_id !== null ? `the sessions of mentor ${mentor_id}` : 'all sessions'
  return `${verbs[may]} ${whose}${organisation_id !== null ? ` of ${organisation_id}` : ''}.`
}

/** Who is signed in, and the way out. */
export function Account({ entrance }: { entrance: Entrance }) {
  const who = useStore(caller)
  return (
    <details class="connection account">
      <summary>
        <span class="unseen">Signed in as </span>
        <bdi class="who">{who.by ?? 'Account'}</bdi>
      </summary>
      <div class="popover">
        <p>
          Signed in as <bdi>{who.by ?? 'somebody without a name'}</bdi> with {entrance.issuer.host}.
        </p>
        <p class="soft">{says(who)}</p>
        <div class="buttons">
          <button type="button" onClick={() => entrance.signOut()}>
            Sign out
          </button>
        </div>
      </div>
    </details>
  )
}

/** His sign-in has ended, and could not be renewed without him. */
export const Ended = ({ entrance, why }: { entrance: Entrance; why: string }) => (
  <div class="ended" role="alert">
    <span>Your sign-in has ended. What you have typed is kept. {why}</span>
    <button type="button" class="primary" onClick={() => entrance.signIn()}>
      Sign in again
    </button>
  </div>
)
