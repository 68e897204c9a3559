import { inLanguage } from '../../words'
import { figuresDe } from './words/figures-de'
import { figuresEn } from './words/figures-en'
import { figuresFr } from './words/figures-fr'

/** Texts of the key figures and of the search in the list. Loaded with the page. */
export const figuresWords = inLanguage({ en: figuresEn, de: figuresDe, fr: figuresFr })
