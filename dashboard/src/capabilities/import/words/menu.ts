/** The text of the import link, which is loaded together with the page. */
export const importMenu = {
  en: () => ({ open: 'Import', heading: 'Import from a spreadsheet' }),
  de: () => ({ open: 'Importieren', heading: 'Aus einer Tabelle importieren' }),
  fr: () => ({ open: 'Importer', heading: 'Importer depuis un tableur' }),
}
