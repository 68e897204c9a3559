import { inLanguage } from '../../words'
import { figuresDe } from './words/figures-de'
import { figuresEn } from './words/figures-en'
import { figuresFr } from './words/figures-fr'

/** Text of the key figures, which is loaded together with the page. */
export const figuresWords = inLanguage({ en: figuresEn, de: figuresDe, fr: figuresFr })
