import { route } from '../../router'
import { useStore } from '../../store'
import '../totals/report/report.css'
import '../../views/state.css'
import { EndpointView } from './endpoint'
import { EndpointList } from './endpoint-list'
import './webhooks.css'

/** The webhook endpoints: all of them, or the one that the address names. */
export function WebhooksView() {
  const { endpoint } = useStore(route)
  return <div class="webhooks">{endpoint ? <EndpointView key={endpoint} id={endpoint} /> : <EndpointList />}</div>
}
