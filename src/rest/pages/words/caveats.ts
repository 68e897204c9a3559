import { type MethodKey, methodKeyOf } from '../../../domain/methods'

/**
 * Returns a function that translates the caveats of calculation methods into one language. The function returns an
 * unknown caveat unchanged.
 */
export const caveatIn =
  (caveats: Record<MethodKey, string>) =>
  (stated: string, method: string): string => {
    const key = methodKeyOf(method, stated)
    return key === undefined ? stated : caveats[key]
  }
