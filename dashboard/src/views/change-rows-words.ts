import { inLanguage } from '../words'
import { changeRowsDe } from '../words/change-rows-de'
import { changeRowsEn } from '../words/change-rows-en'
import { changeRowsFr } from '../words/change-rows-fr'

/** Texts of the dialogs that change rows. They are loaded with the first of these dialogs. */
export const changeRowsWords = inLanguage({ en: changeRowsEn, de: changeRowsDe, fr: changeRowsFr })
