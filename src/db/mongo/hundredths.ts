import type { Document } from 'mongodb'

/** As the domain's `hundredths`, of an output of `$$result`: amounts of the largest sessions times 100 are more than doubles tell apart. */
export function hundredths(output: string): Document {
  const amount = `$$result.outputs.${output}`
  const whole = { $trunc: amount }
  const rest = { $round: { $multiply: [{ $subtract: [amount, whole] }, 100] } }
  return { $add: [{ $multiply: [{ $toLong: whole }, 100] }, { $toLong: rest }] }
}
