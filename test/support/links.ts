import type { Config } from '../../src/startup/config'
import { linksAt } from './rest'
import { startServer } from './server'
import { embeddedDatabase } from './stores'

/** Returns the paths that `GET /` lists with the configuration `on`, but not with `off`. */
export async function linksAdded(off: Partial<Config>, on: Partial<Config>): Promise<string[]> {
  const database = await embeddedDatabase()
  const linksWith = async (config: Partial<Config>): Promise<Record<string, string>> => {
    const server = await startServer(database, { config })
    const links = await linksAt(server.url)
    await server.stop()
    return links
  }
  const without = await linksWith(off)
  const added = Object.entries(await linksWith(on)).filter(([name]) => !(name in without))
  await database.drop()
  return added.map(([, path]) => path)
}
