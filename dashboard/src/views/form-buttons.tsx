import { words } from '../words'
import { ErrorMessage } from './error-message'

interface FormButtonsProps {
  submit: string
  failure: string | null
  isBusy?: boolean
  cancel(): void
}

/** The end of a form in a dialog: the error message, and the buttons that submit or cancel the form. */
export const FormButtons = ({ submit, failure, isBusy, cancel }: FormButtonsProps) => (
  <>
    <ErrorMessage text={failure} />
    <div class="buttons">
      <button type="submit" class="primary" aria-disabled={isBusy}>
        {submit}
      </button>
      <button type="button" onClick={cancel}>
        {words.cancel}
      </button>
    </div>
  </>
)
