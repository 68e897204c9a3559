import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { cellsOf, mostCharacters, mostRows } from '../../import/cells'
import { columnNames } from '../../import/check'
import { columns } from '../../import/columns'
import { mostBytes, textOf } from '../../import/file'
import { cellsOfHtml } from '../../import/html'
import { fail, needed, take } from '../../import/imported'
import { words } from '../../words'
import './paste.css'

function takeText(text: string, cells = cellsOf): void {
  if (text.length > mostCharacters) fail(words.import.tooLong)
  else take(cells(text))
}

/** Reads pasted or dropped data. Returns whether there was any. Some applications copy a table only as HTML. */
function takeData(data: DataTransfer | null): boolean {
  const [file] = data?.files ?? []
  const [text, html] = [data?.getData('text/plain'), data?.getData('text/html')]
  if (text) takeText(text)
  else if (html) takeText(html, cellsOfHtml)
  else if (file) takeFile(file)
  return Boolean(text || html || file)
}

async function takeFile(file: File): Promise<void> {
  const text = file.size > mostBytes ? '' : textOf(new Uint8Array(await file.arrayBuffer()))
  if (text === null) fail(words.import.notText)
  else if (text === '') fail(file.size > 0 ? words.import.tooLong : words.import.nothing)
  else takeText(text)
}

/** Takes rows by paste, by drop, or from a file. */
export function Paste() {
  const id = useId()
  const [typed, setTyped] = useState('')
  const [over, setOver] = useState(false)
  const file = useRef<HTMLInputElement>(null)

  // A paste anywhere on this page means the rows.
  useEffect(() => {
    const paste = (event: ClipboardEvent): void => {
      if (takeData(event.clipboardData)) event.preventDefault()
    }
    addEventListener('paste', paste)
    return () => removeEventListener('paste', paste)
  }, [])

  const drop = (event: DragEvent): void => {
    event.preventDefault()
    setOver(false)
    takeData(event.dataTransfer)
  }

  return (
    <form
      class="card paste"
      data-over={over}
      onSubmit={event => {
        event.preventDefault()
        takeText(typed)
      }}
      onDragOver={event => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <label for={id}>{words.import.paste}</label>
      <small id={`${id}-hint`}>{words.import.pasteHint(mostRows)}</small>
      <textarea
        id={id}
        aria-describedby={`${id}-hint`}
        rows={7}
        value={typed}
        spellcheck={false}
        autocomplete="off"
        onInput={({ currentTarget }) => setTyped(currentTarget.value)}
      />
      <div class="buttons">
        {typed.trim() !== '' && (
          <button type="submit" class="primary">
            {words.import.read}
          </button>
        )}
        <button type="button" onClick={() => file.current?.click()}>
          {words.import.choose}
        </button>
        <span class="soft">{words.import.drop}</span>
        <input
          ref={file}
          type="file"
          hidden
          aria-label={words.import.choose}
          accept=".csv,.tsv,.txt,text/csv,text/tab-separated-values,text/plain"
          onChange={({ currentTarget }) => {
            const [chosen] = currentTarget.files ?? []
            if (chosen) takeFile(chosen)
            currentTarget.value = ''
          }}
        />
      </div>
      <WhatColumns />
    </form>
  )
}

function WhatColumns() {
  return (
    <section>
      <h2>{words.import.whatColumns}</h2>
      <ul>
        {columns.map(column => (
          <li key={column}>
            {columnNames[column]} {needed().includes(column) && <small class="soft">{words.import.needed}</small>}
          </li>
        ))}
      </ul>
    </section>
  )
}
