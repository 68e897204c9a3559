/** The text of the link to the service keys, which is loaded together with the page. */
export const keysMenu = {
  en: () => ({ heading: 'Service keys' }),
  de: () => ({ heading: 'Dienstschlüssel' }),
  fr: () => ({ heading: 'Clés de service' }),
}
