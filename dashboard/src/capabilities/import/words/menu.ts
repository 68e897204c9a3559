/** Texts of the link to the import. They are loaded with the page. */
export const importMenu = {
  en: () => ({ open: 'Import', heading: 'Import from a spreadsheet' }),
  de: () => ({ open: 'Importieren', heading: 'Aus einer Tabelle importieren' }),
  fr: () => ({ open: 'Importer', heading: 'Importer depuis un tableur' }),
}
