import { describePages } from '../support/pages'
import { send } from '../support/raw'
import { serving } from '../support/server'
import { embeddedDatabase } from '../support/stores'
import { issuing, people } from '../support/tokens'

const server = serving(embeddedDatabase)
const html = { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }

test('/graphql serves GraphiQL to a browser, and answers a query in its URL for any client', async () => {
  const page = await send(server.url, 'GET', '/graphql', html)
  expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
  expect(page.text).toContain('<div id="graphiql">')
  const answer = await send(server.url, 'GET', '/graphql?query={__typename}', html)
  expect(answer.text).toContain('{"data":{"__typename":"Query"}}')
})

describePages('GraphiQL', pages => {
  test('runs a query first, which changes nothing, a mutation, and a subscription that stays open', async () => {
    const page = await pages.page(`${server.url}/graphql`)
    const run = async (operation: string): Promise<void> => {
      await page.locator('button.graphiql-execute-button').click()
      await page.getByRole('menuitem', { name: operation }).click()
    }
    const response = page.locator('.graphiql-response')
    await page.locator('.graphiql-query-editor .view-lines').waitFor()
    await page.locator('button.graphiql-execute-button').click()
    expect(await page.getByRole('menuitem').allTextContents()).toEqual(['Sessions', 'Start', 'Feed'])
    await page.getByRole('menuitem', { name: 'Sessions' }).click()
    await response.getByText('"totalCount": 0').waitFor()
    await run('Start')
    await response.getByText('"INITIAL"').waitFor()

    await run('Feed')
    await response.getByText('"FeedReady"').waitFor()
    await server.sessions.start({ mentor_id: 'seen_live' })
    await response.getByText('seen_live').waitFor()
  })
})

describePages('GraphiQL with sign-in', pages => {
  const { config, bearer } = issuing()
  const asking = serving(embeddedDatabase, { config })

  test('sends the token of its headers editor with a query and a subscription', async () => {
    const page = await pages.page(`${asking.url}/graphql`)
    const response = page.locator('.graphiql-response')
    await page.locator('.graphiql-query-editor .view-lines').waitFor()
    await page.getByRole('button', { name: 'Headers' }).click()
    const headers = page.locator('.graphiql-editor-tool .graphiql-editor:not(.hidden)').first()
    await headers.click()
    await page.keyboard.insertText(JSON.stringify({ Authorization: bearer(people.admin) }))
    const run = async (operation: string): Promise<void> => {
      await page.locator('button.graphiql-execute-button').click()
      await page.getByRole('menuitem', { name: operation }).click()
    }
    await run('Start')
    await response.getByText('"INITIAL"').waitFor()
    await run('Feed')
    await response.getByText('"FeedReady"').waitFor()
  })
})
