import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { saveFile } from '../../../download'
import { locale, words } from '../../../words'
import { decodeFile, isWorkbook, maxCharacters, maxFileBytes, maxRows, parseCells, parseHtmlCells } from '../cells'
import { columnNames } from '../check'
import { columns } from '../columns'
import { readCells } from '../import'
import { separatorOf } from '../notation'
import { reportFailure, requiredColumns } from '../state'
import { templateCsv } from '../template'
import { importWords } from '../words'
import './paste.css'

/** Sequence number of the latest read. If a new read starts while a file is still being read, that file is ignored. */
let latestRead = 0

function readText(text: string, cells = parseCells): void {
  latestRead++
  if (text.length > maxCharacters) reportFailure(importWords.tooLong)
  else readCells(cells(text))
}

/**
 * Reads pasted or dropped data, and returns whether there was any data. Falls back to HTML, because some applications
 * copy tables only as HTML.
 */
function readTransfer(data: DataTransfer | null): boolean {
  const [file] = data?.files ?? []
  const [text, html] = [data?.getData('text/plain'), data?.getData('text/html')]
  if (text) readText(text)
  else if (html) readText(html, parseHtmlCells)
  else if (file) void readFile(file)
  return Boolean(text || html || file)
}

async function readFile(file: File): Promise<void> {
  const read = ++latestRead
  const bytes = file.size > maxFileBytes ? new Uint8Array() : new Uint8Array(await file.arrayBuffer())
  if (read !== latestRead) return
  if (isWorkbook(bytes)) return readExcelFile(bytes, read)
  const text = decodeFile(bytes)
  if (text === null) reportFailure(importWords.notText)
  else if (text === '') reportFailure(file.size > 0 ? importWords.tooLong : importWords.nothing)
  else readText(text)
}

/** Reads an Excel file. The script that reads Excel files is loaded on first use. */
async function readExcelFile(bytes: Uint8Array, read: number): Promise<void> {
  const separator = separatorOf(locale)
  try {
    const { readWorkbook, WorkbookError } = await import('../xlsx')
    const cells = await readWorkbook(bytes, separator).catch(error => {
      if (!(error instanceof WorkbookError)) throw error
      return error.fault
    })
    if (read !== latestRead) return
    if (typeof cells === 'string') reportFailure(importWords.workbookFaults[cells])
    else readCells(cells, separator)
  } catch {
    if (read === latestRead) reportFailure(words.unreachable)
  }
}

const saveTemplate = (): void =>
  saveFile(new Blob([templateCsv()], { type: 'text/csv;charset=utf-8' }), importWords.templateName)

/** Form that accepts rows that the user pastes, drops, or chooses as a file. */
export function PasteForm() {
  const id = useId()
  const [typed, setTyped] = useState('')
  const [over, setOver] = useState(false)
  const file = useRef<HTMLInputElement>(null)

  // Treat any text that is pasted on this page as rows for the import.
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
      <label for={id}>{importWords.paste}</label>
      <small id={`${id}-hint`}>{importWords.pasteHint(maxRows)}</small>
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
            {importWords.read}
          </button>
        )}
        <button type="button" onClick={() => file.current?.click()}>
          {importWords.choose}
        </button>
        <span class="soft">{importWords.drop}</span>
        <button type="button" class="quiet" onClick={saveTemplate}>
          {importWords.template}
        </button>
        <input
          ref={file}
          type="file"
          hidden
          aria-label={importWords.choose}
          accept=".xlsx,.xlsm,.xls,.csv,.tsv,.txt,text/csv,text/tab-separated-values,text/plain"
          onChange={({ currentTarget }) => {
            const [chosen] = currentTarget.files ?? []
            if (chosen) void readFile(chosen)
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
      <h2>{importWords.whatColumns}</h2>
      <ul>
        {columns.map(column => (
          <li key={column}>
            {columnNames[column]}{' '}
            {requiredColumns().includes(column) && <small class="soft">{importWords.needed}</small>}
          </li>
        ))}
      </ul>
    </section>
  )
}
