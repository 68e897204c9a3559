import { EndpointView } from './endpoint'
import { EndpointList } from './endpoint-list'
import '../../views/state.css'
import './webhooks.css'

/** The webhook endpoints: all of them, or one. */
export const WebhooksView = ({ id }: { id: string }) => (
  <div class="webhooks">{id ? <EndpointView key={id} id={id} /> : <EndpointList />}</div>
)
