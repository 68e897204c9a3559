import type { Numbers, Outputs } from './types'

const load = () => import('../../src/domain/time-value')
let loaded: ReturnType<typeof load> | undefined

/** Returns the domain's own calculator. Load it early, because the server may be unreachable when it is needed. */
export function loadCalculator(): ReturnType<typeof load> {
  loaded ??= load().catch(error => {
    loaded = undefined
    throw error
  })
  return loaded
}

const camel = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

/** Returns the outputs that the server would calculate. Rejects if the calculator can't be loaded. */
export async function previewOutputs({ sessions, avgMinutes, costPerSession, costPerHour }: Numbers): Promise<Outputs> {
  const { calculate } = await loadCalculator()
  const { undefined_because, ...outputs } = calculate({
    sessions,
    avg_minutes: avgMinutes,
    cost_per_session: costPerSession,
    cost_per_hour: costPerHour,
  })
  const undefinedBecause = undefined_because.map(({ output, reason }) => ({
    output: camel(output),
    reason: reason.toUpperCase(),
  }))
  const named = Object.entries(outputs).map(([name, value]) => [camel(name), value])
  return { ...Object.fromEntries(named), undefinedBecause }
}
