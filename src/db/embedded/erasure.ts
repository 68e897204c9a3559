import { erasedCommit } from '../../domain/session'
import type { EmbeddedFile } from './file'
import { inSteps, rowsAStep } from './stepwise-reads'

/** Condition: the session no longer exists. */
const gone = (session_id: string): string =>
  `NOT EXISTS (SELECT 1 FROM sessions WHERE session_id = json_extract(body, '$.${session_id}'))`

/**
 * Erases the remaining data of a mentor's closed sessions, in steps while `goesOn()` returns true. Returns whether
 * nothing is left. Sessions that exist now, including new ones, stay as they are.
 */
export async function eraseMentor(file: EmbeddedFile, mentor_id: string, goesOn: () => boolean): Promise<boolean> {
  const done = (await forgetStarts(file, mentor_id, goesOn)) && (await forgetCommits(file, mentor_id, goesOn))
  // The write-ahead log still holds the old content until a checkpoint.
  file.checkpoint()
  return done
}

/** Scans all idempotency records of starts. They are kept for a day only, and no index covers the mentor. */
async function forgetStarts(file: EmbeddedFile, mentor_id: string, goesOn: () => boolean): Promise<boolean> {
  const starts = { table: 'starts', index: 'starts_by_age', fixed: { where: [], values: [] }, order: ['at', 'key'] }
  const ofMentor = ["json_extract(body, '$.session.mentor_id') = ?", gone('session.session_id')]
  const asked = { columns: 'key', rest: { where: ofMentor, values: [mentor_id] } }
  for await (const rows of inSteps<{ key: string }>(file, starts, asked)) {
    if (!goesOn()) return false
    if (rows.length === 0) continue
    await file.commit(() => {
      for (const { key } of rows) file.run('DELETE FROM starts WHERE key = ?', key)
      return true
    })
  }
  return true
}

async function forgetCommits(file: EmbeddedFile, mentor_id: string, goesOn: () => boolean): Promise<boolean> {
  const sql = `SELECT position, body FROM commits INDEXED BY commits_of_mentor
    WHERE json_extract(body, '$.mentor_id') = ? AND position > ? AND +${gone('session_id')}
    ORDER BY position LIMIT ${rowsAStep}`
  let after = 0
  while (goesOn()) {
    const rows = file.all<{ position: number; body: string }>(sql, mentor_id, after)
    const last = rows.at(-1)
    if (!last) return true
    await file.commit(() => {
      for (const { position, body } of rows) {
        const erased = JSON.stringify(erasedCommit(JSON.parse(body)))
        file.run('UPDATE commits SET body = ? WHERE position = ?', erased, position)
      }
      return true
    })
    after = last.position
  }
  return false
}
