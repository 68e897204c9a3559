import { inLanguage } from '../words'
import { changeRowsDe } from '../words/change-rows-de'
import { changeRowsEn } from '../words/change-rows-en'
import { changeRowsFr } from '../words/change-rows-fr'

/** Text of the dialogs that change rows, which is loaded when such a dialog is first needed. */
export const changeRowsWords = inLanguage({ en: changeRowsEn, de: changeRowsDe, fr: changeRowsFr })
