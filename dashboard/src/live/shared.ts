import type { Page, SharedLink } from '../../../packages/client/src/index.js'
import { client } from '../graphql/client'
import { sharedLinksQuery } from '../graphql/documents'

/** A share link with the fields that the page of shared items shows. */
export interface ListedLink extends Pick<SharedLink, 'label' | 'views'> {
  session: Pick<SharedLink['session'], 'id' | 'mentorId' | 'organisationId'>
  share: Pick<SharedLink['share'], 'token' | 'path' | 'expiresAt'>
}

const linksPerPage = 100

/** Reads up to `count` share links of results. */
export async function readLinks(count: number): Promise<{ links: ListedLink[]; more: boolean }> {
  const links: ListedLink[] = []
  let after: string | null = null
  let more = true
  while (more && links.length < count) {
    const variables: object = { first: Math.min(count - links.length, linksPerPage), after }
    const { sharedLinks } = await client.request<{ sharedLinks: Page<ListedLink> }>(sharedLinksQuery, variables)
    const { nodes, pageInfo } = sharedLinks
    links.push(...nodes)
    more = pageInfo.hasNextPage
    after = pageInfo.endCursor
  }
  return { links, more }
}

export const revokeLink = ({ session, share }: ListedLink): Promise<unknown> =>
  client.revokeShare({ id: session.id, version: null }, share.token)
