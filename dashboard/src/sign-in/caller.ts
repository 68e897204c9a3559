import { Store } from '../store'

/** Who is signed in, and what he may do, as the server says it. */
export interface Caller {
  by: string | null
  may: 'read' | 'change' | 'administer'
  mentor_id: string | null
  organisation_id: string | null
  expires_at: string | null
}

/** Everybody may do everything where no tokens are asked for. */
export const caller = new Store<Caller>({
  by: null,
  may: 'administer',
  mentor_id: null,
  organisation_id: null,
  expires_at: null,
})

export const mayChange = ({ may }: Caller): boolean => may !== 'read'
