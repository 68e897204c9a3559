import { compareRows } from '../compare'
import { applySpellings, type Spelling } from '../names'
import { importWords } from '../words'
import './names-form.css'

/**
 * Maximum number of names that the form lists. The button that changes all names also changes names that are not
 * listed.
 */
const maxListed = 20

/**
 * Suggests the preferred spelling for each name that differs from another name only in case, accents, apostrophes and
 * spaces.
 */
export function NamesForm({ spellings }: { spellings: readonly Spelling[] }) {
  const apply = (chosen: readonly Spelling[]): void => {
    applySpellings(chosen)
    void compareRows()
  }
  return (
    <section class="card names">
      <h2>{importWords.sameNames}</h2>
      <ul>
        {spellings.slice(0, maxListed).map(spelling => {
          const { column, name, rows, better, isKnown } = spelling
          return (
            <li key={`${column} ${name}`}>
              <span>
                <bdi class="spelling">{name}</bdi> {importWords.inRows(rows)} → <bdi class="spelling">{better}</bdi>
                {isKnown && <small class="soft"> {importWords.knownName}</small>}
              </span>
              {spellings.length > 1 && (
                <button
                  type="button"
                  class="quiet"
                  aria-label={importWords.useName(name, better)}
                  onClick={() => apply([spelling])}
                >
                  {importWords.change}
                </button>
              )}
            </li>
          )
        })}
        {spellings.length > maxListed && <li>{importWords.moreNames(spellings.length - maxListed)}</li>}
      </ul>
      <div class="buttons">
        <button type="button" onClick={() => apply(spellings)}>
          {importWords.changeAll(spellings.length)}
        </button>
      </div>
    </section>
  )
}
