import { useEffect, useState } from 'preact/hooks'
import { client } from '../graphql/client'
import { sessionQuery, transitionsSubscription } from '../graphql/documents'
import type { Session, Transition } from '../types'
import { tell } from './own'

interface Followed {
  session: Session | null
  transitions: Transition[]
  refusal: string | null
}

/** Follows one session: its transitions from the first on, and its state after the latest. */
export function useSession(id: string): Followed {
  const [session, setSession] = useState<Session | null>(null)
  const [transitions, setTransitions] = useState<Transition[]>([])
  const [refusal, setRefusal] = useState<string | null>(null)

  useEffect(() => {
    let sequence = 0
    let closed = false
    let pending: Transition[] = []
    let timer: ReturnType<typeof setTimeout> | undefined
    let looking: AbortController | undefined
    /** Version that was read first. Transitions up to it are not announced. */
    let read: number | null = null

    const look = async (): Promise<void> => {
      looking?.abort()
      looking = new AbortController()
      const { signal } = looking
      const call = { attempts: Number.POSITIVE_INFINITY, signal }
      try {
        const found = (await client.ask<{ session: Session | null }>(sessionQuery, { id }, call)).session
        if (signal.aborted || !found) return
        read ??= found.version
        setRefusal(null)
        setSession(known => (known && known.version > found.version ? known : found))
      } catch (error) {
        if (!signal.aborted) setRefusal((error as Error).message)
      }
    }

    const close = (): void => setSession(known => known && { ...known, state: 'CLOSED', allowedEvents: [], shares: [] })

    const show = (): void => {
      timer = undefined
      const news = pending
      pending = []
      setTransitions(known => [...known, ...news])
      const latest = news.at(-1)
      if (latest && read !== null && latest.sequence > read) tell(id, latest)
      if (closed) close()
      else look()
    }

    look()
    const stop = client.subscribe<{ sessionTransitions: Transition }>(transitionsSubscription, {
      variables: () => ({ id, after: sequence }),
      next: ({ sessionTransitions: transition }) => {
        if (transition.sequence <= sequence) return
        sequence = transition.sequence
        closed = transition.to === 'CLOSED'
        pending.push(transition)
        timer ??= setTimeout(show, 30)
      },
      complete: () => closed,
      refused: ({ code, message }) => {
        // The session was closed while this page was disconnected.
        if (code === 'SESSION_NOT_FOUND' && sequence > 0) close()
        else setRefusal(message)
      },
    })
    return () => {
      looking?.abort()
      clearTimeout(timer)
      stop()
    }
  }, [id])

  return { session, transitions, refusal }
}
