import { formatDateTime, formatNumber, formatTime } from '../../format'
import { hrefOf, navigateOnClick, sessionRoute } from '../../router'
import { type Column, NoValue, SumsTable } from '../../views/sums-table'
import { words } from '../../words'
import type { WebhookAttempt } from './endpoints'
import { Failure } from './status'
import { webhooksWords } from './words'

const texts = webhooksWords.attempts

const columns: Column<WebhookAttempt>[] = [
  {
    name: texts.time,
    isText: true,
    cell: ({ at }) => (
      <time dateTime={at} title={formatTime(at)}>
        {formatDateTime(at)}
      </time>
    ),
  },
  { name: texts.message, isText: true, cell: ({ type }) => <code>{type}</code> },
  {
    name: words.list.columns.calculation,
    isText: true,
    cell: ({ sessionId }) => (sessionId === null ? <NoValue /> : <SessionLink id={sessionId} />),
  },
  { name: texts.number, cell: ({ attempt }) => formatNumber(attempt) },
  {
    name: texts.outcome,
    isText: true,
    cell: ({ error, status }) =>
      error === null ? `${texts.delivered} (${status})` : <Failure error={error} status={status} />,
  },
  { name: texts.duration, cell: ({ durationMs }) => texts.ms(durationMs) },
  {
    name: texts.next,
    cell: ({ nextAttemptAt }) => (nextAttemptAt === null ? <NoValue /> : formatDateTime(nextAttemptAt)),
  },
]

const SessionLink = ({ id }: { id: string }) => (
  <a href={hrefOf(sessionRoute(id))} onClick={navigateOnClick(sessionRoute(id))}>
    <bdi>{id}</bdi>
  </a>
)

/** An endpoint's latest delivery attempts, newest first. */
export function Attempts({ attempts }: { attempts: WebhookAttempt[] }) {
  return (
    <section class="card" aria-label={texts.heading}>
      <h2>{texts.heading}</h2>
      {attempts.length === 0 ? (
        <p class="soft">{texts.nothing}</p>
      ) : (
        <SumsTable
          label={texts.heading}
          columns={columns}
          rows={attempts}
          keyOf={({ messageId, at }: WebhookAttempt) => `${messageId} ${at}`}
        />
      )}
    </section>
  )
}
