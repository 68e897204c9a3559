import type { Summary as ClientSummary } from '../../../../packages/client/src/index.js'

export type { Amounts } from '../../../../packages/client/src/index.js'

export type Summary = Omit<ClientSummary, 'results' | 'calculations'>
