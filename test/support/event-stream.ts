import { type IncomingMessage, request } from 'node:http'

export interface StreamEvent {
  data: string
  event?: string
  id?: string
}

/** The end of a stream: HTTP status, received text that is not an event, and whether the response is complete. */
export interface Ended {
  status: number
  rest: string
  whole: boolean
}

export interface EventStream {
  /** Resolves when the stream is over, on either side. */
  ended: Promise<Ended>
  pause(): void
  resume(): void
  leave(): void
}

/** The request, except its URL. */
export interface Asked {
  method?: string
  headers?: Record<string, string>
  body?: string
}

/** Follows an event stream without a client library. Calls `tell` for each event. */
export function followEvents(
  url: string,
  tell: (event: StreamEvent) => void,
  { headers, body, method = 'GET' }: Asked = {},
): EventStream {
  let response: IncomingMessage | undefined
  let rest = ''
  const asked = request(url, { agent: false, method, headers: { Accept: 'text/event-stream', ...headers } })
  const ended = new Promise<Ended>(resolve => {
    const end = (): void => resolve({ status: response?.statusCode ?? 0, rest, whole: response?.complete ?? false })
    asked.on('response', answer => {
      response = answer
      answer.on('error', () => {}).on('close', end)
      answer.setEncoding('utf8').on('data', more => {
        const blocks = (rest + more).split('\n\n')
        rest = blocks.pop() as string
        for (const block of blocks) {
          const fields = [...block.matchAll(/^(data|event|id): ?(.*)$/gm)].map(([, name, value]) => [name, value])
          const event = Object.fromEntries(fields) as Partial<StreamEvent>
          if (event.data !== undefined) tell(event as StreamEvent)
        }
      })
    })
    asked.on('error', () => response ?? end())
  })
  asked.end(body)
  return {
    ended,
    pause: () => response?.pause(),
    resume: () => response?.resume(),
    leave: () => asked.destroy(),
  }
}

/** Collects the events of a stream until `isLast` returns true for one, or until the stream ends. */
export async function eventsUntil(
  url: string,
  isLast: (event: StreamEvent) => boolean,
  asked: Asked = {},
): Promise<Ended & { events: StreamEvent[] }> {
  const events: StreamEvent[] = []
  let isOver = false
  const stream = followEvents(
    url,
    event => {
      if (!isOver) events.push(event)
      isOver ||= isLast(event)
      if (isOver) stream.leave()
    },
    asked,
  )
  return { ...(await stream.ended), events }
}
