/** Whether the latest input came from a pointer instead of the keyboard. */
let isPointer = false
const record = ({ type }: Event): void => {
  isPointer = type === 'pointerdown'
}
addEventListener('pointerdown', record, true)
addEventListener('keydown', record, true)

/**
 * Runs a function that moves parts of the page when an element loses the focus. If a click moved the focus, the
 * function runs after the click. If it ran before the click, the click's target could move away.
 */
export function afterClick(run: () => void): void {
  if (isPointer) addEventListener('click', () => setTimeout(run), { once: true })
  else run()
}
