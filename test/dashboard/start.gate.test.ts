import type { Page } from 'playwright-core'
import { describePages, type Pages } from '../support/pages'
import { serving } from '../support/server'
import { keyFile, madeKey } from '../support/service-keys'
import { embeddedDatabase } from '../support/stores'

const mentor = (page: Page) => page.getByLabel('Mentor', { exact: true })
const organisation = (page: Page) => page.getByLabel('Organisation', { exact: true })
const options = (page: Page) => dialog(page).getByRole('option')
const option = (page: Page, name: string) => dialog(page).getByRole('option', { name, exact: true })
const dialog = (page: Page) => page.getByRole('dialog', { name: 'Start a calculation' })

async function opened(pages: Pages, url: string): Promise<Page> {
  const page = await pages.page(url)
  await page.locator('.rows [data-id]').first().waitFor()
  await page.getByRole('button', { name: 'Start a calculation' }).click()
  await dialog(page).waitFor()
  return page
}

/** Types into the field of the mentor, once the dialog has given it the focus: text from before would be lost. */
async function typeMentor(page: Page, text: string): Promise<void> {
  await page.locator('[name="mentorId"]:focus').waitFor()
  await page.keyboard.type(text)
}

describePages('the dialog that starts a calculation', pages => {
  const server = serving(embeddedDatabase)
  beforeAll(async () => {
    for (const mentor_id of ['Ann Lee', 'Anton', 'Anton', 'Bob'])
      await server.sessions.start({ mentor_id, organisation_id: 'Oak School' })
    for (let i = 0; i < 8; i++) await server.sessions.start({ mentor_id: `A long name of a mentor ${i}` })
  })

  test('suggests mentors while the user types, and takes one by keyboard without starting', async () => {
    const page = await opened(pages, server.url)
    expect(await options(page).count()).toBe(0)
    await typeMentor(page, 'an')
    await option(page, 'Ann Lee').waitFor()
    expect(await options(page).allTextContents()).toEqual(['Anton', 'Ann Lee'])
    expect(await mentor(page).getAttribute('aria-expanded')).toBe('true')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    const selected = dialog(page).getByRole('option', { selected: true })
    expect(await mentor(page).getAttribute('aria-activedescendant')).toBe(await selected.getAttribute('id'))
    await page.keyboard.press('Enter')
    expect(await mentor(page).inputValue()).toBe('Ann Lee')
    expect(await options(page).count()).toBe(0)
    expect(new URL(page.url()).pathname).toBe('/')

    await page.keyboard.press('Tab')
    await page.keyboard.type('oak')
    await option(page, 'Oak School').click()
    expect(await organisation(page).inputValue()).toBe('Oak School')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/sessions\//)
    await page.getByRole('heading', { name: /Ann Lee · Oak School$/ }).waitFor()
  })

  test('takes any other text, and Escape first closes the suggestions, then the dialog', async () => {
    const page = await opened(pages, server.url)
    await typeMentor(page, 'Ann')
    await option(page, 'Ann Lee').waitFor()
    await page.keyboard.press('Escape')
    await option(page, 'Ann Lee').waitFor({ state: 'hidden' })
    expect(await mentor(page).inputValue()).toBe('Ann')
    expect(await dialog(page).isVisible()).toBe(true)
    await page.keyboard.press('Escape')
    await dialog(page).waitFor({ state: 'hidden' })

    await page.getByRole('button', { name: 'Start a calculation' }).click()
    await typeMentor(page, 'An')
    await option(page, 'Ann Lee').waitFor()
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/sessions\//)
    await page.getByRole('heading', { name: /^Calculation An$/ }).waitFor()
  })

  test.each(['quickly', 'slowly'])(
    'keeps names as the user types them %s, and Tab goes to the next field',
    async pace => {
      const page = await opened(pages, server.url)
      const pause = async (suggestion: string): Promise<void> => {
        if (pace === 'slowly') await option(page, suggestion).waitFor()
      }
      await typeMentor(page, 'ann lee')
      await pause('Ann Lee')
      await page.keyboard.press('Tab')
      await page.keyboard.type('oak school')
      await pause('Oak School')
      await page.keyboard.press('Tab')
      expect(await page.locator(':focus').textContent()).toBe('Start calculation')
      expect(await mentor(page).inputValue()).toBe('ann lee')
      expect(await organisation(page).inputValue()).toBe('oak school')
    },
  )

  test('shows the suggestions above the next field, and moves nothing', async () => {
    const page = await opened(pages, server.url)
    const bounds = async () => [await organisation(page).boundingBox(), await dialog(page).boundingBox()]
    const before = await bounds()
    await typeMentor(page, 'long')
    await options(page).nth(3).waitFor()
    expect(await bounds()).toEqual(before)
    const list = await dialog(page).getByRole('listbox').boundingBox()
    expect((list?.y ?? 0) + (list?.height ?? 0)).toBeLessThan(before[0]?.y ?? 0)
    await page.keyboard.press('Tab')
    await page.locator('[name="organisationId"]:focus').waitFor()
  })

  test('takes the typed text, not the former active suggestion, if the user goes on typing', async () => {
    const page = await opened(pages, server.url)
    await typeMentor(page, 'an')
    await option(page, 'Anton').waitFor()
    await page.keyboard.press('ArrowDown')
    await dialog(page).getByRole('option', { selected: true }).waitFor()
    await page.route('**/graphql', route =>
      route.request().postDataJSON().query.includes('MentorNames') ? undefined : route.fallback(),
    )
    await page.keyboard.type('y')
    await dialog(page).getByRole('option', { selected: true }).waitFor({ state: 'detached' })
    expect(await mentor(page).getAttribute('aria-activedescendant')).toBe(null)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: /^Calculation any$/ }).waitFor()
  })

  test('offers the existing name for another spelling of it, and starts under the typed one if the user insists', async () => {
    const page = await opened(pages, server.url)
    await typeMentor(page, ' ánn  LEE')
    await page.keyboard.press('Enter')
    await dialog(page).getByText('“Ann Lee” already exists. If you mean another one', { exact: false }).waitFor()
    await option(page, 'Ann Lee').waitFor({ state: 'hidden' })
    expect(await mentor(page).getAttribute('aria-invalid')).toBe('true')
    await page.keyboard.press('ArrowDown')
    await dialog(page).getByRole('button', { name: 'Did you mean Ann Lee?' }).and(page.locator(':focus')).waitFor()
    await page.keyboard.press('Enter')
    expect(await mentor(page).inputValue()).toBe('Ann Lee')
    await page.locator('[name="mentorId"]:focus').waitFor()
    await dialog(page).getByText('already exists').first().waitFor({ state: 'detached' })

    await mentor(page).fill('bob')
    await organisation(page).fill('oak school')
    await option(page, 'Oak School').waitFor()
    await dialog(page).getByRole('button', { name: 'Did you mean Bob?' }).waitFor()
    await mentor(page).focus()
    await dialog(page).getByRole('button', { name: 'Did you mean Oak School?' }).click()
    await dialog(page).getByRole('button', { name: 'Start calculation' }).click()
    await dialog(page).getByText('press the button again to keep “bob”.', { exact: false }).waitFor()
    expect(new URL(page.url()).pathname).toBe('/')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: /bob · Oak School$/ }).waitFor()

    // Now both spellings exist.
    await page.goBack()
    await page.getByRole('button', { name: 'Start a calculation' }).click()
    await typeMentor(page, 'Bob')
    await option(page, 'bob').waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: /^Calculation Bob$/ }).waitFor()
  })

  test('starts without suggestions while they can’t be read', async () => {
    const page = await opened(pages, server.url)
    await page.route('**/graphql', route =>
      route.request().postDataJSON().query.includes('MentorNames') ? route.abort() : route.fallback(),
    )
    const failed = page.waitForEvent('requestfailed')
    await mentor(page).fill('Ann')
    await failed
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: /^Calculation Ann$/ }).waitFor()
    pages.complaints()
  })
})

describePages('the start dialog of a coordinator', pages => {
  const coordinator = madeKey({ name: 'Cora Coordinator', role: 'coordinator' })
  const server = serving(embeddedDatabase, { config: keyFile(coordinator).config })

  test('suggests mentors of the own organisation only, which is fixed', async () => {
    await server.sessions.start({ mentor_id: 'Ann', organisation_id: 'org_1' })
    await server.sessions.start({ mentor_id: 'Andy', organisation_id: 'org_2' })
    const page = await pages.page(server.url)
    await page.getByLabel('Service key').fill(coordinator.key)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.locator('.rows [data-id]').first().waitFor()
    await page.getByRole('button', { name: 'Start a calculation' }).click()
    await typeMentor(page, 'An')
    await option(page, 'Ann').waitFor()
    expect(await options(page).count()).toBe(1)
    expect(await organisation(page).getAttribute('role')).toBe(null)
    expect(await organisation(page).inputValue()).toBe('org_1')
  })
})
