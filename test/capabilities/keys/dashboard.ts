import type { Page } from 'playwright-core'
import * as documents from '../../../dashboard/src/capabilities/keys/documents'
import { keysRoute } from '../../../dashboard/src/capabilities/keys/route'
import { keysDe } from '../../../dashboard/src/capabilities/keys/words/de'
import { keysEn } from '../../../dashboard/src/capabilities/keys/words/en'
import { keysFr } from '../../../dashboard/src/capabilities/keys/words/fr'
import { hourOf } from '../../../src/capabilities/keys/model'
import { addMs, dayMs, timestamp } from '../../../src/domain/timestamp'
import { type Clock, type Server, startServer } from '../../support/server'
import { embeddedDatabase } from '../../support/stores'
import type { DashboardCapability, Words, World } from '../../support/view'

declare module '../../support/view' {
  interface World {
    /** A server with stored service keys, and an admin's key. */
    keysUrl: string
    adminKey: string
  }

  interface Words {
    keys: ReturnType<typeof keysEn>
  }
}

/** Opens the list of keys, and signs in with an admin's key. */
async function listed({ keysUrl, adminKey }: World, open: (url: string) => Promise<Page>, words: Words): Promise<Page> {
  const page = await open(`${keysUrl}/service-keys`)
  await page.getByLabel(words.signIn.key, { exact: true }).fill(adminKey)
  await page.getByRole('button', { name: words.signIn.signIn, exact: true }).click()
  await page.getByText(words.keys.expired, { exact: true }).waitFor()
  return page
}

export const dashboard: DashboardCapability = {
  documents,
  routes: [keysRoute],
  words: {
    en: grammar => ({ keys: keysEn(grammar) }),
    de: grammar => ({ keys: keysDe(grammar) }),
    fr: grammar => ({ keys: keysFr(grammar) }),
  },
  loanwords: { fr: ['keys.roles.MENTOR', 'keys.actions'] },
  async add({ clock }) {
    const database = await embeddedDatabase()
    const server = await startServer(database, { clock, config: { AUTH_KEYS: 'stored' } })
    await server.opened
    return {
      world: { keysUrl: server.url, adminKey: await addKeys(server, clock) },
      end: () => server.stop().then(() => database.drop()),
    }
  },
  views: [
    { name: 'keys', screenshot: 'whole', open: listed },
    {
      name: 'key-create',
      async open(world, open, words) {
        const page = await listed(world, open, words)
        await page.getByRole('button', { name: words.keys.create.open }).click()
        await page.getByRole('button', { name: words.keys.create.submit, exact: true }).click()
        await page.getByText(words.faults.required(words.keys.name)).waitFor()
        return page
      },
    },
    {
      name: 'key-new',
      screenshot: 'whole',
      async open(world, open, words) {
        const page = await listed(world, open, words)
        await page.getByRole('button', { name: words.keys.create.open }).click()
        await page.getByLabel(words.keys.name, { exact: true }).fill('Warehouse')
        await page.getByLabel(words.organisation, { exact: true }).fill('harbour-trust')
        await page.getByRole('button', { name: words.keys.create.submit, exact: true }).click()
        await page.getByText(words.keys.secret.onlyNow('Warehouse')).waitFor()
        return page
      },
    },
    {
      name: 'key-replace',
      async open(world, open, words) {
        const page = await listed(world, open, words)
        await page.getByRole('row', { name: 'CRM' }).getByRole('button', { name: words.keys.replace.action }).click()
        await page.getByRole('heading', { name: words.keys.replace.heading('CRM') }).waitFor()
        return page
      },
    },
    {
      name: 'key-revoke',
      async open(world, open, words) {
        const page = await listed(world, open, words)
        await page.getByRole('row', { name: 'CRM' }).getByRole('button', { name: words.keys.revoke.action }).click()
        await page.getByRole('heading', { name: words.keys.revoke.heading('CRM') }).waitFor()
        return page
      },
    },
  ],
}

/** Adds a key of each kind. Returns the admin's key. */
async function addKeys({ keys, store }: Server, clock: Clock): Promise<string> {
  const now = timestamp(clock())
  const add = async (daysAgo: number, body: object, usedDaysAgo?: number) => {
    clock.set(addMs(now, -daysAgo * dayMs))
    const created = await keys.create(body)
    if (usedDaysAgo !== undefined)
      await store.keys.recordUse([created.key_id], hourOf(new Date(Date.parse(now) - usedDaysAgo * dayMs)))
    return created
  }
  const { key } = await add(90, { name: 'Ada Admin', role: 'admin' }, 0)
  const expires = (days: number): string => addMs(now, days * dayMs).slice(0, 10)
  await add(60, { name: 'Emma Smith', role: 'mentor', mentor_id: 'mentor-107', expires: expires(-5) }, 12)
  await add(45, { name: 'BI export', role: 'reader', organisation_id: 'northside-youth', expires: expires(180) }, 1)
  const crm = await add(30, { name: 'CRM', role: 'coordinator', organisation_id: 'harbour-trust' }, 2)
  clock.set(now)
  await keys.rotate(crm.key_id, { overlap_hours: 24 })
  await add(0, { name: 'Import', role: 'coordinator', organisation_id: 'a-long-name-of-an-organisation' })
  clock.set(now)
  return key
}
