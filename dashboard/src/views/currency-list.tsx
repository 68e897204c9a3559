import { commonCurrencies, currencyName } from '../format'

/** Suggestions for an input whose `list` is `currencies`. */
export const CurrencyList = () => (
  <datalist id="currencies">
    {commonCurrencies.map(code => (
      <option key={code} value={code}>
        {currencyName(code)}
      </option>
    ))}
  </datalist>
)
