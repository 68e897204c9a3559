import { EndpointView } from './endpoint'
import { EndpointList } from './endpoint-list'
import '../../views/state.css'
import './webhooks.css'

/** The list of webhook endpoints or, with an id, one endpoint. */
export const WebhooksView = ({ id }: { id: string }) => (
  <div class="webhooks">{id ? <EndpointView key={id} id={id} /> : <EndpointList />}</div>
)
