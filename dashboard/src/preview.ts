import type { Inputs, Numbers, Outputs } from './types'

const load = () => import('../../src/domain/time-value')
let loaded: ReturnType<typeof load> | undefined

/**
 * Loads the calculator, which is the same code that the server uses. Load the calculator early, because the server may
 * be unreachable when a preview is needed.
 */
export function loadCalculator(): ReturnType<typeof load> {
  loaded ??= load().catch(error => {
    loaded = undefined
    throw error
  })
  return loaded
}

const camel = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

const withCamelNames = (of: object) =>
  Object.fromEntries(Object.entries(of).map(([name, value]) => [camel(name), value]))

/** Returns the outputs that the server would calculate from the inputs. Rejects if the calculator can't be loaded. */
export async function previewOutputs(inputs: Numbers & Pick<Inputs, 'costPerHourRange'>): Promise<Outputs> {
  const { sessions, avgMinutes, costPerSession, costPerHour, costPerHourRange } = inputs
  const { calculate } = await loadCalculator()
  const { undefined_because, range, ...outputs } = calculate({
    sessions,
    avg_minutes: avgMinutes,
    cost_per_session: costPerSession,
    cost_per_hour: costPerHour,
    ...(costPerHourRange && { cost_per_hour_range: costPerHourRange }),
  })
  const undefinedBecause = undefined_because.map(({ output, reason }) => ({
    output: camel(output),
    reason: reason.toUpperCase(),
  }))
  return {
    ...withCamelNames(outputs),
    range: range ? { low: withCamelNames(range.low), high: withCamelNames(range.high) } : null,
    undefinedBecause,
  } as Outputs
}
