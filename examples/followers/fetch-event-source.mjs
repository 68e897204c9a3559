// Follows the feed with fetch-event-source in a browser. To send a token, add the option `headers`.
// After `npm install @microsoft/fetch-event-source`.
import { fetchEventSource } from '@microsoft/fetch-event-source'

fetchEventSource('http://127.0.0.1:4000/api/v1/benefit-calculator-events', {
  onmessage({ event, data }) {
    if (event !== '') return
    const { session_id, sequence } = JSON.parse(data)
    console.log(session_id, sequence)
  },
  onclose() {
    throw new Error('the server has ended the stream')
  },
})
