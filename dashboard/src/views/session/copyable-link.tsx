import { words } from '../../words'
import { CopyField } from '../copy-field'

const texts = words.share

export const CopyableLink = ({ path, label }: { path: string; label: string }) => (
  <CopyField
    label={label}
    value={new URL(path, location.href).href}
    copied={texts.announcedCopied}
    selected={texts.selected}
  />
)
