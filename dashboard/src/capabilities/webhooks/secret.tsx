import { useEffect } from 'preact/hooks'
import { hasUnsavedInput, Store, useStore } from '../../store'
import { CopyField } from '../../views/copy-field'
import type { EndpointSecret } from './endpoints'
import { webhooksWords } from './words'

/**
 * The signing secret that was just created, with the id of its endpoint. The secret is kept only in the page's memory.
 */
export const newSecret = new Store<EndpointSecret | null>(null)

const library = 'standardwebhooks'
const snippet = `import { Webhook } from '${library}'

const webhook = new Webhook(secret)
const message = webhook.verify(body, headers)`

/** Shows an endpoint's new secret until the user leaves the view, and explains how to verify messages with it. */
export function NewSecret({ id }: { id: string }) {
  const made = useStore(newSecret)
  const isShown = made?.id === id
  useEffect(() => () => newSecret.set(null), [id])
  // Treat the secret as unsaved input, because a reload, for example through a sign-in redirect, would lose it.
  useEffect(() => {
    hasUnsavedInput.set(isShown)
    return () => hasUnsavedInput.set(false)
  }, [isShown])
  if (!isShown) return null
  return (
    <section class="card new-secret" aria-label={webhooksWords.secret.label}>
      <h2>{webhooksWords.secret.onlyNow}</h2>
      <CopyField
        label={webhooksWords.secret.label}
        value={made.secret}
        copied={webhooksWords.secret.copied}
        selected={webhooksWords.secret.selected}
      />
      <p>{webhooksWords.secret.verify(<code>{library}</code>)}</p>
      <pre>
        <code>{snippet}</code>
      </pre>
    </section>
  )
}
