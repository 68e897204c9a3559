import NodeEnvironment from 'jest-environment-node'
import * as jose from 'jose'

/** jose is an ES module, which Node 20 loads for a `require`, and Jest there does not: so it is loaded outside. */
export default class extends NodeEnvironment {
  constructor(...made: ConstructorParameters<typeof NodeEnvironment>) {
    super(...made)
    Object.assign(this.global, { jose })
  }
}
