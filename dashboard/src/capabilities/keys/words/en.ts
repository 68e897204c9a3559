import type { ErrorMessages } from '../../../../../packages/client/src/errors.js'
import type { ServiceKeyRole } from '../../../../../packages/client/src/schema.js'
import type { Grammar } from '../../../words/grammar'

/** English text of the service keys view. The text catalogues in other languages have the same structure. */
export const keysEn = ({ counted }: Grammar) => ({
  heading: 'Service keys',
  what: 'Programs and people sign in with these keys.',
  nothing: 'No service keys yet.',
  name: 'Name',
  nameHint: 'The author of changes made with the key',
  role: 'Role',
  roles: {
    READER: 'Reader',
    MENTOR: 'Mentor',
    COORDINATOR: 'Coordinator',
    ADMIN: 'Admin',
  } satisfies Record<ServiceKeyRole, string>,
  /** What a key with a role allows. */
  rights: {
    READER: 'Sees the calculations of one organisation, and changes nothing',
    MENTOR: 'Sees and changes the calculations of one mentor',
    COORDINATOR: 'Sees and changes the calculations of one organisation',
    ADMIN: 'Sees and changes everything, including service keys',
  } satisfies Record<ServiceKeyRole, string>,
  organisationHint: 'Only this organisation’s calculations',
  mentorHint: 'Only this mentor’s calculations',
  expires: 'Valid until',
  expiresHint: 'Optional: the last day on which the key is valid (UTC)',
  expiresFault: 'Enter a day that is not in the past.',
  expired: 'expired',
  never: 'never',
  lastUsed: 'Last used',
  created: 'Created',
  actions: 'Actions',
  create: {
    open: 'Create a key',
    submit: 'Create key',
    done: 'Key created.',
  },
  secret: {
    label: 'Key',
    onlyNow: (name: string) => `Copy the key “${name}” now. It is shown only once.`,
    copied: 'Key copied.',
    selected: 'We couldn’t copy the key. It is selected, so you can copy it yourself.',
  },
  replace: {
    action: 'Replace',
    heading: (name: string) => `Replace the key “${name}”?`,
    what: 'The new key is shown only once. The name and the rights stay the same.',
    overlap: 'The former key stays valid',
    hours: (hours: number) => (hours === 0 ? 'not at all' : `for ${counted(hours, { one: 'hour', other: 'hours' })}`),
    formerEnds: (time: string) => `Former key valid until ${time}`,
    done: 'Key replaced.',
  },
  revoke: {
    action: 'Revoke',
    heading: (name: string) => `Revoke the key “${name}”?`,
    what: 'Whoever uses this key is signed out at once. You can’t undo this.',
    done: 'Key revoked.',
  },
  /** Messages for refused requests, keyed by error code. */
  refusals: {
    SERVICE_KEY_NOT_FOUND: () => 'This key doesn’t exist. It may have been revoked.',
    LAST_ADMIN_KEY: () =>
      'This is the last key with which an admin can sign in. Create another admin’s key first, or replace this one.',
  } satisfies ErrorMessages,
})
