import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { ApiError, isApiError } from '../../../../packages/client/src/index.js'
import { formatDateTime } from '../../format'
import { useLive } from '../../live/use-live'
import { navigate } from '../../router'
import { announce } from '../../store'
import { useAction } from '../../views/action'
import { ConfirmButton } from '../../views/confirm-button'
import { DialogButton } from '../../views/dialog-button'
import { ErrorMessage } from '../../views/error-message'
import { Field } from '../../views/field'
import { FormButtons } from '../../views/form-buttons'
import { BackLink, Heading } from '../../views/heading'
import { NoValue } from '../../views/sums-table'
import { words } from '../../words'
import { Attempts } from './attempts'
import {
  deleteEndpoint,
  type Endpoint,
  pauseEndpoint,
  readEndpoint,
  replayEndpoint,
  rotateSecret,
  testEndpoint,
  type WebhookAttempt,
} from './endpoints'
import { NewSecret, newSecret } from './secret'
import { Failure, StatusChip } from './status'
import { webhooksWords } from './words'

const texts = webhooksWords
/**
 * Interval in ms between two reads of the endpoint. The interval is short, because users watch for new delivery
 * attempts.
 */
const readEveryMs = 3_000

/** A webhook endpoint with its state, the user's actions, and its latest delivery attempts. */
export function EndpointView({ id }: { id: string }) {
  const { value: endpoint, error, readAgain } = useLive(id, () => readEndpoint(id), { everyMs: readEveryMs })
  return (
    <>
      <BackLink to={{ path: '/webhooks' }} text={texts.back} />
      <div class="title">
        <Heading>{endpoint === null ? texts.none : endpoint ? <bdi>{endpoint.url}</bdi> : texts.heading}</Heading>
        {endpoint && <StatusChip status={endpoint.status} />}
      </div>
      {endpoint?.description && (
        <p class="soft">
          <bdi>{endpoint.description}</bdi>
        </p>
      )}
      <ErrorMessage text={error} />
      {endpoint && (
        <>
          {endpoint.status === 'DISABLED' && <p class="loss">{texts.disabled}</p>}
          <NewSecret id={id} />
          <Actions endpoint={endpoint} readAgain={readAgain} />
          <Facts endpoint={endpoint} />
          <Attempts attempts={endpoint.attempts} />
        </>
      )}
    </>
  )
}

function Actions({ endpoint: { id, status, attempts }, readAgain }: { endpoint: Endpoint; readAgain(): void }) {
  const { failure, run } = useAction()
  const [outcome, setOutcome] = useState<string | null>(null)
  /**
   * Ids of the test messages that existed before the user sent the latest test message, or null if the user has sent
   * none.
   */
  const [earlierTests, setEarlierTests] = useState<string[] | null>(null)
  const isActive = status === 'ACTIVE' || status === 'RETRYING'
  const tests = attempts.filter(({ type }) => type === 'webhook.test')
  const ownTest = earlierTests && tests.find(({ messageId }) => !earlierTests.includes(messageId))

  useEffect(() => {
    if (!ownTest) return
    const { error } = ownTest
    announce(error === null ? texts.test.delivered : `${texts.test.failed} ${texts.failures[error]}`)
  }, [ownTest?.messageId])

  const done = (text: string): void => {
    setOutcome(text)
    announce(text)
    readAgain()
  }
  const button = (label: string, action: () => Promise<unknown>, text: string) => (
    <button
      type="button"
      onClick={async () => {
        setOutcome(null)
        setEarlierTests(null)
        if (await run(action)) done(text)
      }}
    >
      {label}
    </button>
  )
  const test = async (): Promise<void> => {
    await testEndpoint(id)
    setEarlierTests(tests.map(({ messageId }) => messageId))
  }
  const replace = async (): Promise<void> => {
    newSecret.set({ id, secret: await rotateSecret(id) })
    done(texts.rotate.done)
  }
  const remove = async (): Promise<void> => {
    await deleteEndpoint(id)
    navigate({ path: '/webhooks' })
    announce(texts.remove.done)
  }
  return (
    <>
      <div class="buttons tools">
        {isActive
          ? button(texts.pause.action, () => pauseEndpoint(id, true), texts.pause.done)
          : button(texts.resume.action, () => pauseEndpoint(id, false), texts.resume.done)}
        {isActive && (
          <>
            {button(texts.test.action, test, texts.test.done)}
            <DialogButton label={texts.replay.action} heading={texts.replay.heading}>
              {close => (
                <ReplayForm
                  id={id}
                  close={close}
                  onDone={() => {
                    close()
                    done(texts.replay.done)
                  }}
                />
              )}
            </DialogButton>
          </>
        )}
        <Confirmed texts={texts.rotate} action={replace} />
        <Confirmed texts={texts.remove} action={remove} />
      </div>
      {ownTest ? <TestOutcome {...ownTest} /> : outcome !== null && <p class="soft">{outcome}</p>}
      <ErrorMessage text={failure} />
    </>
  )
}

/** Tells the user whether the test message that the user sent was delivered. */
const TestOutcome = ({ error, status }: WebhookAttempt) => (
  <p class="soft">
    {error === null ? (
      texts.test.delivered
    ) : (
      <>
        {texts.test.failed} <Failure error={error} status={status} />
      </>
    )}
  </p>
)

interface ConfirmedProps {
  texts: { action: string; heading: string; what: string }
  action(): Promise<void>
}

/** A button for an action that needs confirmation. */
function Confirmed({ texts: { action: label, heading, what }, action }: ConfirmedProps) {
  const { failure, run } = useAction()
  return (
    <ConfirmButton action={label} keep={words.cancel} heading={heading} failure={failure} onConfirm={() => run(action)}>
      <p>{what}</p>
    </ConfirmButton>
  )
}

/** Form that asks for a cursor, and redelivers all events after this cursor. */
function ReplayForm({ id, close, onDone }: { id: string; close(): void; onDone(): void }) {
  const [cursor, setCursor] = useState('')
  const [fault, setFault] = useState<string>()
  const { failure, run } = useAction()

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    if (!cursor.trim()) return setFault(words.faults.required(texts.replay.cursor))
    let refusal: string | undefined
    const isDone = await run(() =>
      replayEndpoint(id, cursor.trim()).catch(error => {
        refusal = cursorFault(error)
        if (refusal === undefined) throw error
      }),
    )
    if (refusal !== undefined) setFault(refusal)
    else if (isDone) onDone()
  }
  return (
    <form onSubmit={submit} noValidate>
      <p class="soft">{texts.replay.what}</p>
      <Field
        label={texts.replay.cursor}
        hint={texts.replay.cursorHint}
        fault={fault}
        input={{
          name: 'cursor',
          autocomplete: 'off',
          spellcheck: false,
          value: cursor,
          onInput: ({ currentTarget }) => {
            setCursor(currentTarget.value)
            setFault(undefined)
          },
        }}
      />
      <FormButtons submit={texts.replay.action} failure={failure} cancel={close} />
    </form>
  )
}

/**
 * Returns the error message if the server refused the cursor, or undefined if the request failed for another reason.
 */
function cursorFault(error: unknown): string | undefined {
  if (isApiError(error, 'INVALID_CURSOR')) return texts.replay.unknown
  return error instanceof ApiError && error.code === 'CURSOR_EXPIRED' ? texts.replay.expired : undefined
}

function Facts({ endpoint }: { endpoint: Endpoint }) {
  const { events, organisationId, mentorId, pending, createdAt, lastSuccessAt, lastFailure } = endpoint
  return (
    <dl class="card">
      <Fact name={texts.events}>{events.map(event => words.events[event]).join(', ') || texts.allEvents}</Fact>
      {organisationId !== null && (
        <Fact name={words.organisation}>
          <bdi>{organisationId}</bdi>
        </Fact>
      )}
      {mentorId !== null && (
        <Fact name={words.mentor}>
          <bdi>{mentorId}</bdi>
        </Fact>
      )}
      <Fact name={texts.pending}>{texts.pendingCount(pending)}</Fact>
      <Fact name={texts.lastSuccess}>{lastSuccessAt === null ? <NoValue /> : formatDateTime(lastSuccessAt)}</Fact>
      <Fact name={texts.lastFailure}>
        {lastFailure === null ? (
          <NoValue />
        ) : (
          <>
            {formatDateTime(lastFailure.at)} <Failure {...lastFailure} />
          </>
        )}
      </Fact>
      <Fact name={texts.created}>{formatDateTime(createdAt)}</Fact>
    </dl>
  )
}

const Fact = ({ name, children }: { name: string; children: ComponentChildren }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
)
