import type { Numbers, Outputs } from './types'

const load = () => import('../../src/domain/time-value')
let loaded: ReturnType<typeof load> | undefined

/** The domain's own calculator, fetched before it is needed: the server may be away then. */
export function calculator(): ReturnType<typeof load> {
  loaded ??= load().catch(error => {
    loaded = undefined
    throw error
  })
  return loaded
}

const camel = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

/** What the server would answer for these numbers. Rejects where the calculator can't be had. */
export async function whatIf({ sessions, avgMinutes, costPerSession, costPerHour }: Numbers): Promise<Outputs> {
  const { calculate } = await calculator()
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
