import type { Summary as ClientSummary } from '../../../../packages/client/src/index.js'

export type { Amounts, Group, Month } from '../../../../packages/client/src/index.js'

export type Summary = Omit<ClientSummary, 'results' | 'calculations'>
