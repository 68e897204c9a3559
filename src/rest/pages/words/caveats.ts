import { type MethodKey, methodKeyOf } from '../../../domain/methods'

/**
 * Returns a function that says in one language what the figures of a method leave out. It returns an unknown caveat in
 * the result's own words.
 */
export const caveatIn =
  (caveats: Record<MethodKey, string>) =>
  (stated: string, method: string): string => {
    const key = methodKeyOf(method, stated)
    return key === undefined ? stated : caveats[key]
  }
