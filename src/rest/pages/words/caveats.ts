import { type MethodKey, methodKeyOf } from '../../../domain/methods'

/** Returns an unknown caveat unchanged. */
export const caveatIn =
  (caveats: Record<MethodKey, string>) =>
  (stated: string, method: string): string => {
    const key = methodKeyOf(method, stated)
    return key === undefined ? stated : caveats[key]
  }
