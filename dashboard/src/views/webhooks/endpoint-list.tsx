import { formatDateTime } from '../../format'
import { type ListedEndpoint, readEndpoints, usePolled } from '../../live/webhooks'
import { hrefOf, navigateOnClick } from '../../router'
import { words } from '../../words'
import { ErrorMessage } from '../error-message'
import { type Column, NoValue, SumsTable } from '../report/sums-table'
import { CreateForm } from './create-form'
import { DialogButton } from './dialog-button'
import { BackLink, Heading } from './heading'
import { Failure, StatusChip } from './status'

/** The server computes a list of up to 1,000 endpoints. */
const readEveryMs = 10_000

const columns: Column<ListedEndpoint>[] = [
  { name: words.webhooks.url, isText: true, cell: endpoint => <EndpointLink endpoint={endpoint} /> },
  { name: words.state, isText: true, cell: ({ status }) => <StatusChip status={status} /> },
  { name: words.webhooks.pending, cell: ({ pending }) => words.webhooks.pendingCount(pending) },
  { name: words.webhooks.lastSuccess, isText: true, cell: ({ lastSuccessAt }) => <At time={lastSuccessAt} /> },
  {
    name: words.webhooks.lastFailure,
    isText: true,
    cell: ({ lastFailure }) =>
      lastFailure ? (
        <>
          <At time={lastFailure.at} /> <Failure {...lastFailure} />
        </>
      ) : (
        <NoValue />
      ),
  },
]

const At = ({ time }: { time: string | null }) =>
  time === null ? <NoValue /> : <time dateTime={time}>{formatDateTime(time)}</time>

function EndpointLink({ endpoint: { id, url, description } }: { endpoint: ListedEndpoint }) {
  const to = { session: null, view: 'webhooks', endpoint: id } as const
  return (
    <>
      <a href={hrefOf(to)} onClick={navigateOnClick(to)}>
        <bdi>{url}</bdi>
      </a>
      {description !== null && <bdi class="soft description">{description}</bdi>}
    </>
  )
}

/** All endpoints that the user manages. */
export function EndpointList() {
  const { value: endpoints, error } = usePolled('', readEveryMs, readEndpoints)
  return (
    <>
      <BackLink to="calculations" />
      <div class="title">
        <Heading>{words.webhooks.heading}</Heading>
        <DialogButton label={words.webhooks.create.open} class="primary">
          {close => <CreateForm close={close} />}
        </DialogButton>
      </div>
      <p class="soft">{words.webhooks.what}</p>
      <ErrorMessage text={error} />
      {endpoints?.length === 0 && <p class="nothing">{words.webhooks.nothing}</p>}
      {endpoints !== undefined && endpoints.length > 0 && (
        <section class="card" aria-label={words.webhooks.heading}>
          <SumsTable
            label={words.webhooks.heading}
            columns={columns}
            rows={endpoints}
            keyOf={({ id }: ListedEndpoint) => id}
          />
        </section>
      )}
    </>
  )
}
