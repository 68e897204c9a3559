import { EndpointView } from './endpoint'
import { EndpointList } from './endpoint-list'
import '../../views/state.css'
import './webhooks.css'

/** Shows the list of webhook endpoints or, if `id` is set, one endpoint. */
export const WebhooksView = ({ id }: { id: string }) => (
  <div class="webhooks">{id ? <EndpointView key={id} id={id} /> : <EndpointList />}</div>
)
