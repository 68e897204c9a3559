import { Store } from '../store'

/** The caller and its permissions, as the server reports them. */
export interface Caller {
  by: string | null
  may: 'read' | 'change' | 'administer'
  mentor_id: string | null
  organisation_id: string | null
  expires_at: string | null
}

/** Current caller. Without authentication, everybody may do everything. */
export const caller = new Store<Caller>({
  by: null,
  may: 'administer',
  mentor_id: null,
  organisation_id: null,
  expires_at: null,
})

export const mayChange = ({ may }: Caller): boolean => may !== 'read'
