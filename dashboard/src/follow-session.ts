import { useEffect, useState } from 'preact/hooks'
import { sessionQuery, transitionsSubscription } from './documents'
import { ask, follow, Refusal } from './graphql'
import type { Session, Transition } from './types'

interface Followed {
  session: Session | null
  transitions: Transition[]
  refusal: string | null
}

/** Follows one session: its transitions from the first on, and what it is after the latest. */
export function useSession(id: string): Followed {
  const [session, setSession] = useState<Session | null>(null)
  const [transitions, setTransitions] = useState<Transition[]>([])
  const [refusal, setRefusal] = useState<string | null>(null)

  useEffect(() => {
    let stopped = false
    let sequence = 0
    let closed = false
    let pending: Transition[] = []
    let timer: ReturnType<typeof setTimeout> | undefined
    let asked = 0

    const look = async (attempt = 0): Promise<void> => {
      const look_ = ++asked
      try {
        const found = (await ask<{ session: Session | null }>(sessionQuery, { id })).session
        if (stopped || look_ !== asked || !found) return
        setSession(known => (known && known.version > found.version ? known : found))
      } catch (error) {
        if (stopped || look_ !== asked) return
        if (error instanceof Refusal) return setRefusal(error.message)
        setTimeout(() => !stopped && look_ === asked && look(attempt + 1), Math.min(250 * 2 ** attempt, 4_000))
      }
    }

    const show = (): void => {
      timer = undefined
      const news = pending
      pending = []
      setTransitions(known => [...known, ...news])
      if (closed) setSession(known => known && { ...known, state: 'CLOSED', allowedEvents: [], share: null })
      else look()
    }

    look()
    const stop = follow<{ sessionTransitions: Transition }>(transitionsSubscription, {
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
        // It was closed while this page could not hear of it.
        if (code === 'SESSION_NOT_FOUND' && sequence > 0)
          setSession(known => known && { ...known, state: 'CLOSED', allowedEvents: [], share: null })
        else setRefusal(code === 'SESSION_NOT_FOUND' ? 'No session has this id. It may have been closed.' : message)
      },
    })
    return () => {
      stopped = true
      clearTimeout(timer)
      stop()
    }
  }, [id])

  return { session, transitions, refusal }
}
