import { useEffect, useState } from 'preact/hooks'
import { client } from '../graphql/client'
import { sessionQuery, transitionsSubscription } from '../graphql/documents'
import { announceDebounced, slowMs } from '../store'
import type { Session, Transition } from '../types'
import { words } from '../words'

interface FollowedSession {
  session: Session | null
  /** Whether the session has not been read yet because the server does not respond. */
  isLate: boolean
  /** Whether the session was closed, or left the user's scope, after this page was opened. */
  isClosed: boolean
  /**
   * Whether the session disappeared without a transition that the user is allowed to see, because someone closed it, or
   * reassigned it to a mentor or organisation outside the user's scope.
   */
  isGone: boolean
  transitions: Transition[]
  error: string | null
}

/** Follows one session's state and all its transitions. */
export function useSession(id: string): FollowedSession {
  const [session, setSession] = useState<Session | null>(null)
  const [transitions, setTransitions] = useState<Transition[]>([])
  const [error, setError] = useState<string | null>(null)
  const [isClosed, setIsClosed] = useState(false)
  const [isGone, setIsGone] = useState(false)
  const [isLate, setIsLate] = useState(false)

  useEffect(() => {
    let sequence = 0
    let isLast = false
    let pending: Transition[] = []
    let timer: ReturnType<typeof setTimeout> | undefined
    let reading: AbortController | undefined
    /** The session's version when it was first read. Transitions up to this version are not announced. */
    let firstVersion: number | null = null
    const late = setTimeout(() => setIsLate(true), slowMs)

    const readSession = async (): Promise<void> => {
      reading?.abort()
      reading = new AbortController()
      const { signal } = reading
      const call = { maxAttempts: Number.POSITIVE_INFINITY, signal, onRetry: () => setIsLate(true) }
      try {
        const session = (await client.request<{ session: Session | null }>(sessionQuery, { id }, call)).session
        if (signal.aborted || !session) return
        firstVersion ??= session.version
        clearTimeout(late)
        setIsLate(false)
        setError(null)
        setSession(known => (known && known.version > session.version ? known : session))
      } catch (error) {
        if (!signal.aborted) setError((error as Error).message)
      }
    }

    const close = (): void => {
      reading?.abort()
      setError(null)
      setIsClosed(true)
      setSession(known => known && { ...known, state: 'CLOSED', allowedEvents: [], shares: [] })
    }

    const showPending = (): void => {
      timer = undefined
      const received = pending
      pending = []
      setTransitions(known => [...known, ...received])
      const latest = received.at(-1)
      if (latest && firstVersion !== null && latest.sequence > firstVersion) announceTransition(id, latest)
      if (isLast) close()
      else void readSession()
    }

    void readSession()
    const stop = client.subscribe<{ sessionTransitions: Transition }>(transitionsSubscription, {
      variables: () => ({ id, after: sequence }),
      next: ({ sessionTransitions: transition }) => {
        if (transition.sequence <= sequence) return
        sequence = transition.sequence
        isLast = transition.to === 'CLOSED'
        pending.push(transition)
        timer ??= setTimeout(showPending, 30)
      },
      complete: () => isLast,
      error: ({ code, message }) => {
        if (code === 'SESSION_NOT_FOUND' && (sequence > 0 || firstVersion !== null)) {
          setIsGone(true)
          close()
        } else setError(message)
      },
    })
    return () => {
      reading?.abort()
      clearTimeout(timer)
      clearTimeout(late)
      stop()
    }
  }, [id])

  return { session, isLate, isClosed, isGone, transitions, error }
}

/**
 * Latest transition made on this page. The feed may deliver a transition up to `ownResponseMs` before the response to
 * the request that caused it.
 */
let lastOwn = { id: '', sequence: 0 }
const ownResponseMs = 1_000

/** Records a transition made on this page, so that the page does not announce it to screen readers. */
export function noteOwnTransition(id: string, sequence: number): void {
  lastOwn = { id, sequence }
}

/**
 * Tells screen readers about a transition that was made by someone else or in another window. Does not announce new
 * results, because the calculator announces them with their numbers.
 */
function announceTransition(id: string, { event, sequence, by }: Transition): void {
  if (event === 'CALCULATE_REQUESTED') return
  setTimeout(() => {
    if (lastOwn.id !== id || lastOwn.sequence < sequence)
      announceDebounced(words.timeline.announced(words.events[event], by))
  }, ownResponseMs)
}
