import { EndpointView } from './endpoint'
import { EndpointList } from './endpoint-list'
import '../../views/state.css'
import './webhooks.css'

/** All webhook endpoints, or one of them. */
export const WebhooksView = ({ id }: { id: string }) => (
  <div class="webhooks">{id ? <EndpointView key={id} id={id} /> : <EndpointList />}</div>
)
