import { route } from '../route'
import { followFeed } from './connection'
import { figures } from './figures'
import { List } from './list'

/** Follows the sessions that the address selects, now and whenever it selects others. */
export function followAddress(): void {
  let selected = ''
  let stop = (): void => {}
  const select = (): void => {
    const { filter } = route.value
    if (JSON.stringify(filter) === selected) return
    selected = JSON.stringify(filter)
    stop()
    figures.of(filter)
    const list = new List(filter)
    const stopFeed = followFeed(filter, {
      begun: afterGap => list.read(afterGap),
      resumed: () => figures.refresh(),
      told: transition => {
        list.apply(transition)
        figures.refresh()
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
