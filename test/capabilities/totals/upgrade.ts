import type { UpgradePart } from '../../upgrade/written'

const path = '/api/v1/benefit-summaries'

export const upgrade: UpgradePart = {
  async views(read) {
    const { calculations: _, ...summary } = await read(path)
    return { summary }
  },
  count: async (read, parameters) => (await read(`${path}?${parameters}`)).sessions,
}
