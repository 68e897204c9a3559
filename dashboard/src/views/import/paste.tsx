import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { decodeFile, maxCharacters, maxFileBytes, maxRows, parseCells, parseHtmlCells } from '../../import/cells'
import { columnNames } from '../../import/check'
import { columns } from '../../import/columns'
import { readCells } from '../../import/import'
import { reportFailure, requiredColumns } from '../../import/state'
import { words } from '../../words'
import './paste.css'

function readText(text: string, cells = parseCells): void {
  if (text.length > maxCharacters) reportFailure(words.import.tooLong)
  else readCells(cells(text))
}

/** Reads pasted or dropped data. Returns whether there was any. Some applications copy a table only as HTML. */
function readTransfer(data: DataTransfer | null): boolean {
  const [file] = data?.files ?? []
  const [text, html] = [data?.getData('text/plain'), data?.getData('text/html')]
  if (text) readText(text)
  else if (html) readText(html, parseHtmlCells)
  else if (file) readFile(file)
  return Boolean(text || html || file)
}

async function readFile(file: File): Promise<void> {
  const text = file.size > maxFileBytes ? '' : decodeFile(new Uint8Array(await file.arrayBuffer()))
  if (text === null) reportFailure(words.import.notText)
  else if (text === '') reportFailure(file.size > 0 ? words.import.tooLong : words.import.nothing)
  else readText(text)
}

/** Takes rows by paste, by drop, or from a file. */
export function PasteForm() {
  const id = useId()
  const [typed, setTyped] = useState('')
  const [over, setOver] = useState(false)
  const file = useRef<HTMLInputElement>(null)

  // A paste anywhere on this page means the rows.
  useEffect(() => {
    const paste = (event: ClipboardEvent): void => {
      if (readTransfer(event.clipboardData)) event.preventDefault()
    }
    addEventListener('paste', paste)
    return () => removeEventListener('paste', paste)
  }, [])

  const drop = (event: DragEvent): void => {
    event.preventDefault()
    setOver(false)
    readTransfer(event.dataTransfer)
  }

  return (
    <form
      class="card paste"
      data-over={over}
      onSubmit={event => {
        event.preventDefault()
        readText(typed)
      }}
      onDragOver={event => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <label for={id}>{words.import.paste}</label>
      <small id={`${id}-hint`}>{words.import.pasteHint(maxRows)}</small>
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
            if (chosen) readFile(chosen)
            currentTarget.value = ''
          }}
        />
      </div>
      <ImportColumns />
    </form>
  )
}

function ImportColumns() {
  return (
    <section>
      <h2>{words.import.whatColumns}</h2>
      <ul>
        {columns.map(column => (
          <li key={column}>
            {columnNames[column]}{' '}
            {requiredColumns().includes(column) && <small class="soft">{words.import.needed}</small>}
          </li>
        ))}
      </ul>
    </section>
  )
}
