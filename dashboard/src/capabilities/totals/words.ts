import { inLanguage } from '../../words'
import { figuresDe } from './words/figures-de'
import { figuresEn } from './words/figures-en'
import { figuresFr } from './words/figures-fr'

/** Texts of the key figures and of the list's search. They are loaded with the page. */
export const figuresWords = inLanguage({ en: figuresEn, de: figuresDe, fr: figuresFr })
