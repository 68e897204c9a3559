import './refusal.css'

/** Why something was not done. */
export const RefusalText = ({ text }: { text: string | null }) =>
  text !== null && (
    <p role="alert" class="refusal">
      {text}
    </p>
  )
