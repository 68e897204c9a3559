import { route } from '../route'
import { followFeed } from './connection'
import { LiveList } from './list'
import { followSummary } from './summary'

/** Follows the sessions that the address selects, now and whenever it selects others. */
export function followAddress(): void {
  let selected = ''
  let stop = (): void => {}
  const select = (): void => {
    const { filter } = route.value
    if (JSON.stringify(filter) === selected) return
    selected = JSON.stringify(filter)
    stop()
    const list = new LiveList(filter)
    const stopFeed = followFeed(filter, {
      begun: afterGap => list.read(afterGap),
      told: transition => list.apply(transition),
      refused: message => list.refuse(message),
    })
    const stopSummary = followSummary(filter)
    stop = () => {
      stopFeed()
      stopSummary()
      list.stop()
    }
  }
  route.watch(select)
  select()
}
