import { StartupError } from '../../../src/domain/errors'
import { configOf } from '../../../src/startup/config'

test('MCP is off, read or write', () => {
  expect(() => configOf({ MCP: 'on' })).toThrow(new StartupError('MCP must be one of off, read, write.'))
  for (const MCP of ['off', 'read', 'write']) expect(configOf({ MCP })).toMatchObject({ MCP })
})
