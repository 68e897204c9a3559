/** Whether the last input came from a pointer, not from the keyboard. */
let isPointer = false
const record = ({ type }: Event): void => {
  isPointer = type === 'pointerdown'
}
addEventListener('pointerdown', record, true)
addEventListener('keydown', record, true)

/**
 * When an element loses the focus, runs a function that moves parts of the page. If a pointer takes the focus, the
 * function runs after the click, because the click would otherwise miss its moved target.
 */
export function afterClick(run: () => void): void {
  if (isPointer) addEventListener('click', () => setTimeout(run), { once: true })
  else run()
}
