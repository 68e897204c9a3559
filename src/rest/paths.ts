export const sessionsPath = '/api/v1/benefit-calculator-sessions'
export const feedPath = '/api/v1/benefit-calculator-events'
export const calculationsPath = '/api/v1/benefit-calculations'
export const summariesPath = '/api/v1/benefit-summaries'
