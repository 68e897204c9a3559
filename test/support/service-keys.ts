import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newServiceKey, type ServiceKeyEntry } from '../../src/access/service-key'

/** A service key, and its entry for the file. */
export interface MadeKey {
  key: string
  bearer: string
  entry: ServiceKeyEntry
}

/** Makes a key. By default, it has the role reader in org_1. */
export function madeKey(stated: Partial<ServiceKeyEntry> = {}): MadeKey {
  const { key, entry } = newServiceKey({ name: 'BI export', role: 'admin' }, new Date())
  const whole = { ...entry, role: 'reader' as const, organisation_id: 'org_1', ...stated }
  return { key, bearer: `Bearer ${key}`, entry: whole }
}

/** One key for each role. The organisation is org_1, and the mentor is mentor_1. */
export const keysOfRoles = () => ({
  admin: madeKey({ name: 'Ada Admin', role: 'admin', organisation_id: null }),
  coordinator: madeKey({ name: 'Cora Coordinator', role: 'coordinator' }),
  mentor: madeKey({ name: 'Mo Mentor', role: 'mentor', mentor_id: 'mentor_1' }),
  free: madeKey({ name: 'Fay Free', role: 'mentor', mentor_id: 'mentor_1', organisation_id: null }),
  reader: madeKey({ name: 'Rea Reader' }),
})

export interface KeyFile {
  file: string
  folder: string
  /** Configuration of a server that accepts the keys in the file. */
  config: { AUTH_KEYS: string }
  write(...keys: Pick<MadeKey, 'entry'>[]): void
}

/** A service key file in a separate folder, which is deleted after the suite. */
export function keyFile(...keys: Pick<MadeKey, 'entry'>[]): KeyFile {
  const folder = mkdtempSync(join(tmpdir(), 'keys-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'keys.json')
  const write: KeyFile['write'] = (...written) => writeFileSync(file, JSON.stringify(written.map(({ entry }) => entry)))
  write(...keys)
  return { file, folder, config: { AUTH_KEYS: file }, write }
}
