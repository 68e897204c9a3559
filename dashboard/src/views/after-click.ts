/** Whether the user's latest input came from a pointer instead of the keyboard. */
let isPointer = false
const record = ({ type }: Event): void => {
  isPointer = type === 'pointerdown'
}
addEventListener('pointerdown', record, true)
addEventListener('keydown', record, true)

/**
 * When an element has lost the focus, runs a function that shifts the page's layout. If a click moved the focus, the
 * function runs only after the click, so that the click's target does not move away.
 */
export function afterClick(run: () => void): void {
  if (isPointer) addEventListener('click', () => setTimeout(run), { once: true })
  else run()
}
