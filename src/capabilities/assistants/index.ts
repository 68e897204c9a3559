// This folder has the MCP interface for assistants. The tools of other capabilities are in their own folders.

import type { Capability } from '../../capability'

/** Tools for assistants, by the Model Context Protocol. */
export const assistants: Capability = {
  name: 'assistants',
  async open(core) {
    if (core.config.MCP === 'off') return {}
    // Load the SDK only when it is used, because loading it takes time.
    const { assistantResources } = await import('./rest.js')
    return { resources: assistantResources(core) }
  },
}
