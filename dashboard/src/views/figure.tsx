import { h } from 'preact'
import type { Picture } from '../../../src/rest/pages/break-even'
import './figure.css'

export const Figure = ({ title, label, viewBox, shapes }: Picture) => (
  <figure>
    <figcaption class="soft">{title}</figcaption>
    <svg viewBox={viewBox} role="img" aria-label={label}>
      {shapes.map(({ element, attributes, text }) => h(element, attributes, text))}
    </svg>
  </figure>
)
