import type { LogFollower } from './store'

/**
 * Fan-out of one log to several followers. A follower whose `append` throws has missed the entry: its `failed` and
 * `reset` are called. The others still receive the entry.
 */
export const fanOut = (...followers: LogFollower[]): LogFollower => ({
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
  invalidate(position) {
    for (const follower of followers) follower.invalidate(position)
  },
  failed(error, doing) {
    followers[0]?.failed(error, doing)
  },
})
