import { route } from '../route'
import { followFeed } from './connection'
import { LiveList } from './list'
import { liveSummary } from './summary'

/** Follows the sessions that the address selects, now and whenever it selects others. */
export function followAddress(): void {
  let selected = ''
  let stop = (): void => {}
  const select = (): void => {
    const { filter } = route.value
    if (JSON.stringify(filter) === selected) return
    selected = JSON.stringify(filter)
    stop()
    liveSummary.of(filter)
    const list = new LiveList(filter)
    const stopFeed = followFeed(filter, {
      begun: afterGap => list.read(afterGap),
      resumed: () => liveSummary.refresh(),
      told: transition => {
        list.apply(transition)
        liveSummary.refresh()
      },
      refused: message => list.refuse(message),
    })
    stop = () => {
      stopFeed()
      list.stop()
    }
  }
  route.watch(select)
  select()
}
