import { formatDateTime } from '../../format'
import { useLive } from '../../live/use-live'
import { hrefOf, navigateOnClick } from '../../router'
import { DialogButton } from '../../views/dialog-button'
import { ErrorMessage } from '../../views/error-message'
import { Heading } from '../../views/heading'
import { type Column, NoValue, SumsTable } from '../../views/sums-table'
import { words } from '../../words'
import { CreateForm } from './create-form'
import { type ListedEndpoint, readEndpoints } from './endpoints'
import { Failure, StatusChip } from './status'
import { webhooksWords } from './words'

/**
 * Interval in ms between two reads of the endpoint list. The interval is long, because the list can contain up to 1,000
 * endpoints.
 */
const readEveryMs = 10_000

const columns: Column<ListedEndpoint>[] = [
  { name: webhooksWords.url, isText: true, cell: endpoint => <EndpointLink endpoint={endpoint} /> },
  { name: words.state, isText: true, cell: ({ status }) => <StatusChip status={status} /> },
  { name: webhooksWords.pending, cell: ({ pending }) => webhooksWords.pendingCount(pending) },
  { name: webhooksWords.lastSuccess, isText: true, cell: ({ lastSuccessAt }) => <At time={lastSuccessAt} /> },
  {
    name: webhooksWords.lastFailure,
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
  const to = { path: '/webhooks/:endpoint_id', id } as const
  return (
    <>
      <a href={hrefOf(to)} onClick={navigateOnClick(to)}>
        <bdi>{url}</bdi>
      </a>
      {description !== null && <bdi class="soft description">{description}</bdi>}
    </>
  )
}

export function EndpointList() {
  const { value: endpoints, error } = useLive('', readEndpoints, { everyMs: readEveryMs })
  return (
    <>
      <div class="title">
        <Heading>{webhooksWords.heading}</Heading>
        <DialogButton label={webhooksWords.create.open} class="primary">
          {close => <CreateForm close={close} />}
        </DialogButton>
      </div>
      <p class="soft">{webhooksWords.what}</p>
      <ErrorMessage text={error} />
      {endpoints?.length === 0 && <p class="nothing">{webhooksWords.nothing}</p>}
      {endpoints !== undefined && endpoints.length > 0 && (
        <section class="card" aria-label={webhooksWords.heading}>
          <SumsTable
            label={webhooksWords.heading}
            columns={columns}
            rows={endpoints}
            keyOf={({ id }: ListedEndpoint) => id}
          />
        </section>
      )}
    </>
  )
}
