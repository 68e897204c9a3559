// This folder contains the MCP interface for assistants. The tools of other capabilities are in those capabilities'
// folders.

import type { Capability } from '../../capability'

export const assistants: Capability = {
  name: 'assistants',
  async open(core) {
    if (core.config.MCP === 'off') return {}
    // Load the MCP SDK only if MCP is on, because loading the SDK takes time.
    const { mcpResources } = await import('./rest.js')
    return { resources: mcpResources(core) }
  },
}
