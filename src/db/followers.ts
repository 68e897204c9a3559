import type { Follower } from './store'

/** Several who follow the same log. One that fails has missed what it was told, and hears so; the others are told all the same. */
export const together = (...followers: Follower[]): Follower => ({
  reset(position) {
    for (const follower of followers) follower.reset(position)
  },
  append(entry) {
    for (const follower of followers) {
      try {
        follower.append(entry)
      } catch (error) {
        follower.failed(error)
        follower.reset(entry.position)
      }
    }
  },
  advance(position) {
    for (const follower of followers) follower.advance(position)
  },
  forget(position) {
    for (const follower of followers) follower.forget(position)
  },
  failed(error, doing) {
    followers[0]?.failed(error, doing)
  },
})
