import type { Follower } from './store'

/** Several who follow the same log, one told after the other. */
export const together = (...followers: Follower[]): Follower => ({
  reset(position) {
    for (const follower of followers) follower.reset(position)
  },
  append(entry) {
    for (const follower of followers) follower.append(entry)
  },
  advance(position) {
    for (const follower of followers) follower.advance(position)
  },
  failed(error, doing) {
    followers[0]?.failed(error, doing)
  },
})
