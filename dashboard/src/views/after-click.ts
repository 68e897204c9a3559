/** Whether the last input came from a pointer, not from the keyboard. */
let isPointer = false
const record = ({ type }: Event): void => {
  isPointer = type === 'pointerdown'
}
addEventListener('pointerdown', record, true)
addEventListener('keydown', record, true)

/**
 * Runs a function that moves parts of the page when an element loses the focus. If a pointer takes the focus, it runs
 * after the click, which would otherwise miss what has moved.
 */
export function afterClick(run: () => void): void {
  if (isPointer) addEventListener('click', () => setTimeout(run), { once: true })
  else run()
}
