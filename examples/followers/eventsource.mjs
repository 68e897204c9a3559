// Follows the feed with EventSource.
// Browsers have EventSource. Elsewhere, after `npm install eventsource`:   node eventsource.mjs
import { EventSource } from 'eventsource'

let last
function follow() {
  const feed = new EventSource(`http://127.0.0.1:4000/api/v1/benefit-calculator-events${last ? `?after=${last}` : ''}`)
  feed.addEventListener('ready', ({ lastEventId }) => (last = lastEventId))
  feed.addEventListener('message', ({ data, lastEventId }) => {
    last = lastEventId
    const { session_id, sequence } = JSON.parse(data)
    console.log(session_id, sequence)
  })
  feed.addEventListener('error', () => {
    if (feed.readyState === feed.CLOSED) setTimeout(follow, 1_000)
  })
}
follow()

// eventsource 5 does not keep Node.js running while it waits to reconnect.
setInterval(() => {}, 60_000)
