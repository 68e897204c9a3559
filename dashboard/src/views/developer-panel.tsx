import { basePath } from '../base-path'
import { formatNumber } from '../format'
import { connection } from '../live/feed'
import { useStore } from '../store'
import { words } from '../words'
import './developer-panel.css'

const texts = words.developers

/** Technical details, collapsed: the interfaces, and the feed that the page follows. */
export function DeveloperPanel() {
  const { cursor, events, resumes, reloads } = useStore(connection)
  return (
    <details class="developers">
      <summary>{texts.heading}</summary>
      <dl>
        <dt>REST</dt>
        <dd>
          <a href={`${basePath}/docs`}>{`${basePath}/docs`}</a>, <code>POST /api/v1/benefit-calculator-sessions</code>
        </dd>
        <dt>GraphQL</dt>
        <dd>
          <a href={`${basePath}/graphql`}>{`${basePath}/graphql`}</a>
        </dd>
        <dt>{texts.events}</dt>
        <dd>{formatNumber(events)}</dd>
        <dt>{texts.resumed}</dt>
        <dd>{texts.times(resumes)}</dd>
        <dt>{texts.reloads}</dt>
        <dd>{texts.times(reloads)}</dd>
        <dt>{texts.cursor}</dt>
        <dd>
          <code data-testid="cursor">{cursor ?? words.none}</code>
        </dd>
      </dl>
    </details>
  )
}
