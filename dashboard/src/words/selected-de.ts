import type { selectedEn } from './selected-en'

export const selectedDe: typeof selectedEn = ({ number, counted }) => ({
  select: name => `${name} auswählen`,
  selectAll: 'Alle geladenen auswählen',
  all: 'Alle',
  label: 'Ausgewählte Berechnungen',
  count: count => `${number(count)} ausgewählt`,
  full: most => `Sie können höchstens ${number(most)} Berechnungen auswählen.`,
  exportable: most => `Sie können höchstens ${number(most)} auf einmal exportieren.`,
  clear: 'Auswahl aufheben',
  delete: 'Löschen',
  details: 'Angaben festlegen',
  deleted: {
    label: 'Gelöschte Berechnungen',
    count: count => `${counted(count, { one: 'Berechnung', other: 'Berechnungen' })} gelöscht`,
    undo: 'Rückgängig',
    hide: 'Ausblenden',
  },
})
