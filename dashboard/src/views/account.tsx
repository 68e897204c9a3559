import { caller } from '../sign-in/caller'
import type { Entrance } from '../sign-in/sign-in'
import { useStore } from '../store'
import { words } from '../words'
import { Popover } from './popover'
import './sign-in.css'

/** Shows the signed-in user, and the button to sign out. */
export function Account({ entrance }: { entrance: Entrance }) {
  const who = useStore(caller)
  return (
    <Popover
      class="account"
      button={
        <>
          <span class="unseen">{words.account.signedInAs} </span>
          <bdi class="who">{who.by ?? words.account.account}</bdi>
        </>
      }
    >
      <p>{words.account.signedInWith(<bdi>{who.by ?? words.account.nameless}</bdi>, entrance.issuer.host)}</p>
      <p class="soft">
        {words.account.sees(who.may === 'read' ? 'read' : 'change', named(who.mentor_id), named(who.organisation_id))}
      </p>
      <div class="buttons">
        <button type="button" onClick={() => entrance.signOut()}>
          {words.account.signOut}
        </button>
      </div>
    </Popover>
  )
}

const named = (id: string | null) => (id === null ? null : <bdi>{id}</bdi>)

/** Shown when the sign-in has ended and the user must sign in again. */
export const Ended = ({ entrance, why }: { entrance: Entrance; why: string }) => (
  <div class="ended" role="alert">
    <span>
      {words.account.ended} {why}
    </span>
    <button type="button" class="primary" onClick={() => entrance.signIn()}>
      {words.account.signInAgain}
    </button>
  </div>
)
